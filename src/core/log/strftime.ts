import { timeZoneName } from './time-zone-name.ts';

const DAY_MS = 86_400_000;
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

const two = (number: number): string => String(number).padStart(2, '0');
const hour12 = (date: Date): number => date.getHours() % 12 || 12;
const daysSinceMonday = (date: Date): number => (date.getDay() + 6) % 7;

/** strftime(3)'s signs in the C locale, for local time. */
const SIGNS: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => (DAYS[date.getDay()] ?? '').slice(0, 3),
  A: (date) => DAYS[date.getDay()] ?? '',
  b: (date) => (MONTHS[date.getMonth()] ?? '').slice(0, 3),
  B: (date) => MONTHS[date.getMonth()] ?? '',
  c: (date) => strftime('%a %b %e %H:%M:%S %Y', date),
  C: (date) => two(Math.floor(date.getFullYear() / 100)),
  d: (date) => two(date.getDate()),
  D: (date) => strftime('%m/%d/%y', date),
  e: (date) => String(date.getDate()).padStart(2),
  F: (date) => strftime('%Y-%m-%d', date),
  g: (date) => two(isoWeek(date).year % 100),
  G: (date) => String(isoWeek(date).year),
  h: (date) => strftime('%b', date),
  H: (date) => two(date.getHours()),
  I: (date) => two(hour12(date)),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  k: (date) => String(date.getHours()).padStart(2),
  l: (date) => String(hour12(date)).padStart(2),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  n: () => '\n',
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  P: (date) => strftime('%p', date).toLowerCase(),
  r: (date) => strftime('%I:%M:%S %p', date),
  R: (date) => strftime('%H:%M', date),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  S: (date) => two(date.getSeconds()),
  t: () => '\t',
  T: (date) => strftime('%H:%M:%S', date),
  u: (date) => String(date.getDay() || 7),
  U: (date) => two(weekOfYear(date, date.getDay())),
  V: (date) => two(isoWeek(date).week),
  w: (date) => String(date.getDay()),
  W: (date) => two(weekOfYear(date, daysSinceMonday(date))),
  x: (date) => strftime('%m/%d/%y', date),
  X: (date) => strftime('%H:%M:%S', date),
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
  z: zone,
  Z: (date) => timeZoneName(date) ?? zone(date),
  '%': () => '%',
};

/** A local time in strftime(3)'s signs; one that there is not stays as it is. `E` and `O` before a sign change nothing in the C locale. */
export function strftime(format: string, date: Date): string {
  return format.replaceAll(/%[EO]?(.)/g, (whole, sign: string) => SIGNS[sign]?.(date) ?? whole);
}

function dayOfYear(date: Date): number {
  return Math.round((midnight(date) - Date.UTC(date.getFullYear(), 0, 1)) / DAY_MS) + 1;
}

/** The day as such, where no hour is missing and none comes twice. */
function midnight(date: Date): number {
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
}

/** Weeks that have begun in this year; the first day of one is so many days ago. */
function weekOfYear(date: Date, daysAgo: number): number {
  return Math.floor((dayOfYear(date) + 6 - daysAgo) / 7);
}

/** A week, from Monday on, is of the year that its Thursday is in (ISO 8601). */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(midnight(date) + (3 - daysSinceMonday(date)) * DAY_MS);
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / DAY_MS / 7) + 1 };
}

/** "+0530" */
function zone(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
}
