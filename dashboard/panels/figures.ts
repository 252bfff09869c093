import { make, part, setAttribute, setText } from '../dom.ts';
import { formatAge, formatBytes, formatCount, formatMicros, formatRate, NONE } from '../format.ts';
import type { Panel, View } from './panel.ts';

type Mood = 'calm' | 'watch' | 'bad';

interface Figure {
  readonly label: string;
  readonly value: (view: View) => string;
  readonly below: (view: View) => string;
  readonly mood?: (view: View) => Mood;
}

const FIGURES: readonly Figure[] = [
  {
    label: 'Requests/s',
    value: ({ timeline }) => optional(timeline.rate('requests'), formatRate),
    below: ({ timeline }) => `${optional(timeline.readings.at(-1)?.total, formatCount)} in all`,
  },
  {
    label: 'Errors/s',
    value: ({ timeline }) => optional(timeline.rate('errors'), formatRate),
    below: ({ document }) => errorsBelow(document),
    mood: ({ timeline }) => ((timeline.rate('errors') ?? 0) > 0 ? 'bad' : 'calm'),
  },
  {
    label: 'p99',
    value: ({ timeline }) => optional(timeline.readings.at(-1)?.p99, formatMicros),
    below: ({ document: { latency } }) => percentilesBelow(latency),
  },
  {
    label: 'Queue',
    value: ({ document }) => formatCount(document.listen_queue),
    below: ({ document }) => queueBelow(document),
    mood: ({ document }) => (document.listen_queue > 0 ? 'watch' : 'calm'),
  },
  {
    label: 'Busy slots',
    value: ({ timeline }) => {
      const now = timeline.readings.at(-1);
      return now === undefined ? NONE : `${now.busy} / ${now.slots}`;
    },
    below: ({ document }) => longestBelow(document),
    mood: ({ timeline }) => {
      const now = timeline.readings.at(-1);
      return now !== undefined && now.slots > 0 && now.busy === now.slots ? 'watch' : 'calm';
    },
  },
  {
    label: 'Memory',
    value: ({ timeline }) => optional(timeline.readings.at(-1)?.memory, (bytes) => (bytes === 0 ? NONE : formatBytes(bytes))),
    below: ({ document }) => memoryBelow(document),
  },
];

/** The numbers at the top: how much, how well, how full. */
export class Figures implements Panel {
  readonly #tiles = FIGURES.map((figure) => {
    const value = make('dd', { class: 'value' });
    const below = make('dd', { class: 'below' });
    const tile = make('div', { class: 'figure' }, [make('dt', { text: figure.label }), value, below]);
    return { figure, tile, value, below };
  });

  constructor() {
    part('figures', HTMLElement).append(...this.#tiles.map(({ tile }) => tile));
  }

  show(view: View): void {
    for (const { figure, tile, value, below } of this.#tiles) {
      setText(value, figure.value(view));
      setText(below, figure.below(view));
      setAttribute(tile, 'data-mood', figure.mood?.(view) ?? 'calm');
    }
  }
}

function errorsBelow({ responses }: View['document']): string {
  return `5xx ${formatCount(responses['5xx'])}, 4xx ${formatCount(responses['4xx'])} in all`;
}

function percentilesBelow(latency: View['document']['latency']): string {
  return latency.requests === 0 ? 'nothing in the last minute' : `p50 ${formatMicros(latency.p50)}, p90 ${formatMicros(latency.p90)}`;
}

function queueBelow({ sockets }: View['document']): string {
  const limited = sockets.find(({ queue_limit: limit }) => limit !== undefined);
  if (limited === undefined) return 'the kernel holds who waits';
  const age = limited.queue_age_ms ?? 0;
  return limited.queue === 0 ? `room for ${formatCount(limited.queue_limit ?? 0)}` : `the oldest waits ${formatMicros(age * 1000)}`;
}

function longestBelow({ workers }: View['document']): string {
  const ages = workers.flatMap(({ cores }) => cores.map(({ req_info: info }) => info.age_ms ?? -1));
  const longest = Math.max(-1, ...ages);
  return longest < 0 ? 'nothing runs' : `the longest for ${longest < 1000 ? `${longest} ms` : formatAge(longest / 1000)}`;
}

function memoryBelow({ workers }: View['document']): string {
  const largest = workers.reduce((most, worker) => (worker.rss > most.rss ? worker : most), { id: 0, rss: 0 });
  return largest.rss === 0 ? 'not known' : `largest worker: ${largest.id}, ${formatBytes(largest.rss)}`;
}

function optional(figure: number | null | undefined, format: (figure: number) => string): string {
  return figure === null || figure === undefined ? NONE : format(figure);
}
