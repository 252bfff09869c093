import { Chart, type ChartPlan } from '../chart.ts';
import { part } from '../dom.ts';
import { formatBytes, formatCount, formatMicros, formatRate } from '../format.ts';
import type { Panel, View } from './panel.ts';

const CHARTS: readonly ChartPlan[] = [
  {
    title: 'Throughput',
    format: (rate) => `${formatRate(rate)}/s`,
    least: 1,
    lines: [
      { label: 'requests', of: ({ requests }) => requests, colour: '--blue', isFilled: true },
      { label: 'errors', of: ({ errors }) => errors, colour: '--red' },
    ],
  },
  {
    title: 'Response time',
    format: formatMicros,
    least: 100_000,
    logarithmicFrom: 1000,
    lines: [
      { label: 'p99', of: ({ p99 }) => p99, colour: '--red' },
      { label: 'p90', of: ({ p90 }) => p90, colour: '--orange', dash: [6, 3] },
      { label: 'p50', of: ({ p50 }) => p50, colour: '--blue', dash: [2, 2] },
    ],
  },
  {
    title: 'Load',
    format: formatCount,
    least: 1,
    // There is no half a slot.
    steps: powers(10).flatMap((power) => [power, 2 * power, 5 * power]),
    lines: [
      { label: 'busy', of: ({ busy }) => busy, colour: '--blue', isFilled: true },
      { label: 'slots', of: ({ slots }) => slots, colour: '--soft', dash: [2, 3] },
      { label: 'queue', of: ({ queue }) => queue, colour: '--orange' },
    ],
  },
  {
    title: 'Memory',
    format: formatBytes,
    least: 1 << 20,
    steps: powers(2),
    lines: [{ label: 'workers and gateway', of: ({ memory }) => (memory === 0 ? null : memory), colour: '--blue', isFilled: true }],
  },
];

/** From 1 to a million million, about. */
function powers(base: 2 | 10): readonly number[] {
  return Array.from({ length: base === 10 ? 13 : 41 }, (_, power) => base ** power);
}

/** The last ten minutes. */
export class Charts implements Panel {
  readonly #charts = CHARTS.map((plan) => new Chart(plan));

  constructor() {
    part('charts', HTMLElement).append(...this.#charts.map(({ element }) => element));
  }

  show({ timeline }: View): void {
    const { readings } = timeline;
    for (const chart of this.#charts) chart.show(readings);
  }

  repaint(): void {
    for (const chart of this.#charts) chart.repaint();
  }
}
