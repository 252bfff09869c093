const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** The last of these values as bars, a cell each, the highest one full. */
export function sparkline(values: readonly number[], cells: number): string {
  const shown = cells <= 0 ? [] : values.slice(-cells);
  const highest = Math.max(...shown);
  return shown.map((value) => bar(highest > 0 ? value / highest : 0)).join('');
}

function bar(part: number): string {
  // Only nothing at all is the lowest bar.
  return BARS[part === 0 ? 0 : Math.max(1, Math.ceil(part * BARS.length) - 1)] ?? '';
}
