import uPlot from 'uplot';
import { make, setText } from './dom.ts';
import { formatTime, NONE } from './format.ts';
import type { Reading } from './readings.ts';
import { WINDOW_SECONDS } from './timeline.ts';

export interface Line {
  readonly label: string;
  readonly of: (reading: Reading) => number | null;
  /** A colour of the style sheet: `--blue`. */
  readonly colour: string;
  readonly dash?: readonly number[];
  readonly isFilled?: boolean;
}

export interface ChartPlan {
  readonly title: string;
  readonly format: (figure: number) => string;
  readonly lines: readonly Line[];
  /** The scale ends no lower, so that noise looks like noise. */
  readonly least: number;
  /** By powers of ten, from here on: what differs a hundredfold stays readable. */
  readonly logarithmicFrom?: number;
  /** How far marks may be from each other, where not any round figure does. */
  readonly steps?: readonly number[];
}

const HEIGHT = 132;
const LEAST_SECONDS = 60;
const GRID_WIDTH = 1;
const AXIS_SIZE = 52;
const WHOLE_MINUTES = [60, 120, 300];
/** uPlot's number for it: the enum is in its types only. */
const LOGARITHMIC = 3;

interface LegendEntry {
  readonly line: Line;
  readonly element: HTMLElement;
  readonly value: HTMLElement;
}

/** Lines over the last minutes. The figures of now, or of where the pointer is, stand above it as text. */
export class Chart {
  readonly element: HTMLElement;
  readonly #plan: ChartPlan;
  readonly #legend: readonly LegendEntry[];
  readonly #when = make('span', { class: 'when' });
  readonly #canvas = make('div', { class: 'canvas', 'aria-hidden': 'true' });
  readonly #colours = new Map<string, string>();
  #plot: uPlot | undefined;
  #readings: readonly Reading[] = [];

  constructor(plan: ChartPlan) {
    this.#plan = plan;
    this.#legend = plan.lines.map(legendEntry);
    const title = make('h2', { text: plan.title });
    const head = make('figcaption', {}, [
      title,
      this.#when,
      make(
        'ul',
        { class: 'values' },
        this.#legend.map(({ element }) => element),
      ),
    ]);
    this.element = make('figure', { class: 'panel chart' }, [head, this.#canvas]);
    new ResizeObserver(() => this.#resize()).observe(this.#canvas);
  }

  show(readings: readonly Reading[]): void {
    this.#readings = readings;
    this.#plot?.setData(this.#data());
    for (const { line, element } of this.#legend) element.hidden = readings.every((reading) => line.of(reading) === null);
    this.#tell(null);
  }

  /** The colours have changed. */
  repaint(): void {
    this.#colours.clear();
    this.#plot?.redraw(false, true);
  }

  #resize(): void {
    const width = this.#canvas.clientWidth;
    if (width === 0) return;
    if (this.#plot === undefined) this.#plot = new uPlot(this.#options(width), this.#data(), this.#canvas);
    else this.#plot.setSize({ width, height: HEIGHT });
  }

  #data(): uPlot.AlignedData {
    return [this.#readings.map(({ at }) => at), ...this.#plan.lines.map(({ of }) => this.#readings.map(of))];
  }

  #options(width: number): uPlot.Options {
    const { lines, format, steps, logarithmicFrom } = this.#plan;
    const axis = { stroke: () => this.#colour('--soft'), font: '11px system-ui, sans-serif', ticks: { show: false } };
    const grid = { stroke: () => this.#colour('--line'), width: GRID_WIDTH };
    return {
      width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { x: false, y: false, setScale: false }, y: false, points: { size: 5 } },
      padding: [8, 16, 0, 0],
      scales: {
        x: { time: true, range: () => this.#span() },
        y: {
          // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- there is nothing else to assign
          ...(logarithmicFrom !== undefined && { distr: LOGARITHMIC }),
          range: (_plot, low, high) => rangeOf(this.#plan, low, high),
        },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 24,
          gap: 7,
          space: 70,
          incrs: WHOLE_MINUTES,
          values: (_plot, marks) => marks.map((mark) => formatTime(mark).slice(0, -3)),
        },
        {
          ...axis,
          grid: { ...grid, ...(logarithmicFrom !== undefined && { filter: powersOfTen }) },
          size: AXIS_SIZE,
          gap: 4,
          space: 28,
          // Between powers of ten uPlot has marks without a name.
          values: (_plot, marks) => marks.map((mark: number | null) => (mark === null ? '' : roundly(format(mark)))),
          ...(steps !== undefined && { incrs: [...steps] }),
        },
      ],
      series: [{}, ...lines.map((line) => this.#series(line))],
      hooks: { setCursor: [({ cursor }) => this.#tell(cursor.idx ?? null)] },
    };
  }

  #series({ label, colour, dash, isFilled = false }: Line): uPlot.Series {
    return {
      label,
      width: 1.5,
      points: { show: false },
      stroke: () => this.#colour(colour),
      ...(dash !== undefined && { dash: [...dash] }),
      ...(isFilled && { fill: () => this.#colour(`${colour}-soft`) }),
    };
  }

  /** What is known of the window, and a minute at least. */
  #span(): [number, number] {
    const end = this.#readings.at(-1)?.at ?? Date.now() / 1000;
    const start = Math.min(this.#readings[0]?.at ?? end, end - LEAST_SECONDS);
    return [Math.max(start, end - WINDOW_SECONDS), end];
  }

  /** @param nth what the pointer is at; null where it is elsewhere */
  #tell(nth: number | null): void {
    const pointed = nth ?? this.#plot?.cursor.idx;
    const reading = typeof pointed === 'number' ? this.#readings[pointed] : this.#readings.at(-1);
    for (const { line, value } of this.#legend) {
      const figure = reading === undefined ? null : line.of(reading);
      setText(value, figure === null ? NONE : this.#plan.format(figure));
    }
    setText(this.#when, typeof pointed === 'number' && reading !== undefined ? `at ${formatTime(reading.at)}` : '');
  }

  /** A canvas takes no `light-dark()`: what it is now is asked of an element. */
  #colour(name: string): string {
    const known = this.#colours.get(name);
    if (known !== undefined) return known;
    this.#canvas.style.color = `var(${name})`;
    const colour = getComputedStyle(this.#canvas).color;
    this.#colours.set(name, colour);
    return colour;
  }
}

function legendEntry(line: Line): LegendEntry {
  const mark = make('span', { class: 'mark' });
  mark.style.borderTopColor = `var(${line.colour})`;
  if (line.dash !== undefined) mark.style.borderTopStyle = 'dotted';
  const value = make('b');
  return { line, value, element: make('li', {}, [mark, document.createTextNode(` ${line.label} `), value]) };
}

/** Marks stand at round figures: `64.0 MB` is `64 MB` there. */
function roundly(figure: string): string {
  return figure.replace(/\.0+(?!\d)/, '');
}

/** The marks between them would be more than the lines. */
function powersOfTen(_plot: uPlot, marks: number[]): (number | null)[] {
  return marks.map((mark) => (Number.isInteger(Math.log10(mark)) ? mark : null));
}

/** Of the figures that are seen; without any they are null. */
function rangeOf({ least, logarithmicFrom }: ChartPlan, low: number | null, high: number | null): [number, number] {
  if (logarithmicFrom === undefined) return [0, Math.max(least, (high ?? 0) * 1.1)];
  const top = 10 ** Math.ceil(Math.log10(Math.max(least, (high ?? 0) * 1.1)));
  return [Math.min(logarithmicFrom, 10 ** Math.floor(Math.log10(Math.max(1, low ?? Infinity)))), top];
}
