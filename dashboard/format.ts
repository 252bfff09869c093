/** Figures as an operator reads them: short, with their unit, and never wider from one second to the next than they must be. */

/** What stands where there is no figure. */
export const NONE = '–';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const KILO = 1000;
const KIB = 1024;

/** A rate: `0`, `3.4`, `812`, `12.3k`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 10 * KILO) return formatCount(perSecond);
  if (perSecond >= 10) return String(Math.round(perSecond));
  // What happens once a minute must not read as never.
  if (perSecond > 0 && perSecond < 0.05) return '<0.1';
  return perSecond === 0 ? '0' : perSecond.toFixed(1);
}

/** How many: `9,999`, `12.3k`, `4.56M`. */
export function formatCount(count: number): string {
  if (count >= KILO * KILO * KILO) return `${significant(count / (KILO * KILO * KILO))}G`;
  if (count >= KILO * KILO) return `${significant(count / (KILO * KILO))}M`;
  if (count >= 10 * KILO) return `${significant(count / KILO)}k`;
  return Math.round(count).toLocaleString('en-GB');
}

/** @param bytes in powers of 1024, as ps and top count them */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let amount = bytes;
  let unit = 0;
  while (amount >= KIB && unit < units.length - 1) {
    amount /= KIB;
    unit += 1;
  }
  return `${unit === 0 ? amount : significant(amount)} ${units[unit] ?? ''}`;
}

/** How long something took: `312 µs`, `4.56 ms`, `1.24 s`, `1 min 5 s`. */
export function formatMicros(micros: number): string {
  // What would be rounded up to a thousand belongs to the next unit.
  if (micros < 999.5) return `${Math.round(micros)} µs`;
  if (micros < 999_500) return `${significant(micros / KILO)} ms`;
  const seconds = micros / (KILO * KILO);
  return seconds < MINUTE ? `${significant(seconds)} s` : formatAge(seconds);
}

/** How long ago, in its two largest units: `4 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return pair(whole, [MINUTE, 'min'], [1, 's']);
  if (whole < DAY) return pair(whole, [HOUR, 'h'], [MINUTE, 'min']);
  return pair(whole, [DAY, 'd'], [HOUR, 'h']);
}

/** `14:03:07`, with the day before it where that is not today's. */
export function formatTime(epochSeconds: number, now = new Date()): string {
  const date = new Date(epochSeconds * KILO);
  const time = date.toLocaleTimeString('en-GB');
  if (date.toDateString() === now.toDateString()) return time;
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${time}`;
}

/** `1 worker`, `2 workers`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

type Unit = readonly [seconds: number, name: string];

function pair(whole: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((whole % large) / small);
  return `${Math.floor(whole / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** Three figures, or all of those before the point. */
function significant(amount: number): string {
  if (amount < 9.995) return amount.toFixed(2);
  return amount < 99.95 ? amount.toFixed(1) : amount.toFixed(0);
}
