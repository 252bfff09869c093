/** Figures for people, each in a few cells. */

const STEP = 1024;
const LARGE = ['k', 'M', 'G', 'T', 'P'];
const SIZES = ['', 'K', 'M', 'G', 'T', 'P'];
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** Nothing is known. */
export const UNKNOWN = '-';

/** `1234567`, and `12.3M` where that would be longer than seven digits. */
export function count(value: number): string {
  if (value < 10_000_000) return String(Math.round(value));
  return scaled(value, 1000, ['', ...LARGE]);
}

/** Per second: `0.4`, `1234`, `123k`. */
export function rate(value: number | undefined): string {
  if (value === undefined) return UNKNOWN;
  if (value === 0) return '0';
  if (value < 9.95) return value.toFixed(1);
  return value < 100_000 ? String(Math.round(value)) : scaled(value, 1000, ['', ...LARGE]);
}

/** Of bytes: `512`, `1.2K`, `34M`. */
export function size(bytes: number | undefined): string {
  return bytes === undefined ? UNKNOWN : scaled(bytes, STEP, SIZES);
}

/** Of microseconds: `850us`, `4.2ms`, `123ms`, `1.2s`, `2m03s`, `3h04m`, `5d06h`. */
export function duration(us: number | undefined): string {
  if (us === undefined) return UNKNOWN;
  if (us < 999.5) return `${Math.round(us)}us`;
  if (us < 999_500) return `${short(us / 1000)}ms`;
  const seconds = us / 1_000_000;
  if (seconds < MINUTE_S - 0.5) return `${short(seconds)}s`;
  return longDuration(Math.round(seconds));
}

function longDuration(seconds: number): string {
  if (seconds < HOUR_S) return twoUnits(seconds, [MINUTE_S, 'm'], [1, 's']);
  if (seconds < DAY_S) return twoUnits(seconds, [HOUR_S, 'h'], [MINUTE_S, 'm']);
  return twoUnits(seconds, [DAY_S, 'd'], [HOUR_S, 'h']);
}

type Unit = readonly [seconds: number, letter: string];

function twoUnits(seconds: number, [large, first]: Unit, [small, second]: Unit): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${first}${String(rest).padStart(2, '0')}${second}`;
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let at = 0;
  let rest = value;
  // 999.5 would round to a fourth digit of the smaller unit.
  while (rest >= step - 0.5 && at < units.length - 1) {
    rest /= step;
    at++;
  }
  return at === 0 ? String(Math.round(rest)) : `${short(rest)}${units[at] ?? ''}`;
}

/** Two digits at least where there are no more. */
function short(value: number): string {
  return value < 9.95 ? value.toFixed(1) : String(Math.round(value));
}
