/** Dates as HTTP writes them (RFC 9110 5.6.7). */

const IMF = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850 = /^[A-Z][a-z]+day, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}:\d{2}:\d{2}) GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;
const CENTURY = 100;
/** A year of two digits that seems to be further ahead than this was in the last century. */
const AHEAD = 50;

export function formatDate(ms: number): string {
  return new Date(ms).toUTCString();
}

/**
 * Any of the three forms as milliseconds since 1970; undefined for what is none of them, which is then as good as not said.
 *
 * @param now decides the century of the obsolete form with a year of two digits
 */
export function parseDate(text: string, now: number = Date.now()): number | undefined {
  const ms = Date.parse(normalise(text, now));
  return Number.isNaN(ms) ? undefined : ms;
}

function normalise(text: string, now: number): string {
  if (IMF.test(text)) return text;
  if (ASCTIME.test(text)) return `${text} GMT`;
  const [, day, month, year, time] = RFC_850.exec(text) ?? [];
  if (year === undefined) return '';
  const thisYear = new Date(now).getUTCFullYear();
  const full = thisYear - (thisYear % CENTURY) + Number(year);
  return `${day} ${month} ${full > thisYear + AHEAD ? full - CENTURY : full} ${time} GMT`;
}
