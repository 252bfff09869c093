import { TsuwsgiError } from '../core/errors/error.ts';
import type { StatisticsReader } from '../core/operate/read-statistics.ts';
import type { Sample } from '../top/sample.ts';
import { drawFrame } from '../top/frame.ts';
import { firstView, intervalOf, type Key, press, type View } from '../top/view.ts';
import { miss, NOTHING_YET, observe, type Watched } from '../top/watched.ts';
import { Screen, type Terminal } from './terminal/screen.ts';

export interface WatchSettings {
  /** What the user calls the server. */
  readonly source: string;
  /** Seconds from one document to the next. */
  readonly interval: number;
}

/** One document, and when it came. */
export async function takeSample(reader: StatisticsReader, end?: AbortSignal): Promise<Sample> {
  const { document } = await reader.read(end);
  return { document, at: performance.now() / 1000, epoch: Date.now() / 1000 };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How it ended: the user wanted so, or a signal, which the process is still to die by. */
export type WatchEnd = 'quit' | (typeof SIGNALS)[number];

/** Shows a server at a terminal until the user has seen enough. A server that goes is waited for. */
export class ServerWatch {
  readonly #reader: StatisticsReader;
  readonly #terminal: Terminal;
  readonly #source: string;
  readonly #screen: Screen;
  readonly #over = new AbortController();
  #view: View;
  #watched: Watched = NOTHING_YET;
  #timer: NodeJS.Timeout | undefined;
  /** When the last document was asked for. */
  #askedAt = 0;
  #isAsking = false;
  #finish: (end: WatchEnd) => void = () => undefined;

  constructor(reader: StatisticsReader, terminal: Terminal, { source, interval }: WatchSettings) {
    this.#reader = reader;
    this.#terminal = terminal;
    this.#source = source;
    this.#view = firstView(interval);
    this.#screen = new Screen(terminal, { key: (key) => this.#press(key), redraw: () => this.#draw() });
  }

  /** @throws TsuwsgiError when there is no server at first */
  async run(): Promise<WatchEnd> {
    this.#watched = observe(this.#watched, await takeSample(this.#reader));
    const end = new Promise<WatchEnd>((resolve) => (this.#finish = resolve));
    const stop = (signal: NodeJS.Signals) => this.#finish(signal as WatchEnd);
    for (const signal of SIGNALS) process.on(signal, stop);
    // The terminal has gone.
    this.#terminal.input.once('end', () => this.#finish('quit'));
    this.#terminal.output.once('error', () => this.#finish('quit'));
    this.#screen.open();
    try {
      this.#draw();
      this.#askedAt = performance.now();
      this.#plan();
      return await end;
    } finally {
      clearTimeout(this.#timer);
      this.#over.abort();
      this.#screen.close();
      for (const signal of SIGNALS) process.off(signal, stop);
    }
  }

  #draw(): void {
    const { lines, view } = drawFrame(this.#watched, { view: this.#view, source: this.#source, screen: this.#screen.size });
    this.#view = view;
    this.#screen.draw(lines);
  }

  #press(key: Key): void {
    const view = press(this.#view, key);
    if (view === 'quit') return this.#finish('quit');
    const hasChanged = intervalOf(view) !== intervalOf(this.#view) || view.isPaused !== this.#view.isPaused;
    this.#view = view;
    this.#draw();
    // While a document is under way the next one is planned when it has come.
    if (hasChanged && !this.#isAsking) this.#plan();
  }

  /** The next document, an interval after the last one was asked for. */
  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#view.isPaused) return;
    const wait = this.#askedAt + intervalOf(this.#view) * 1000 - performance.now();
    this.#timer = setTimeout(() => void this.#next(), Math.max(0, wait));
  }

  async #next(): Promise<void> {
    this.#askedAt = performance.now();
    this.#isAsking = true;
    try {
      this.#watched = observe(this.#watched, await takeSample(this.#reader, this.#over.signal));
    } catch (error) {
      if (!(error instanceof TsuwsgiError)) throw error;
      this.#watched = miss(this.#watched, error.message);
    } finally {
      this.#isAsking = false;
    }
    if (this.#over.signal.aborted) return;
    this.#draw();
    this.#plan();
  }
}
