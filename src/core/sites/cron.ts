/** When to do something, in uWSGI's form: -1 is always, -5 each fifth, other numbers are themselves. Sunday is 0, January 1. */
export interface CronTime {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly weekday: number;
}

/** Whether this minute, in the time of the server, is one of those. With both a day and a weekday either will do, as in crontab(5) and uWSGI. */
export function isDue({ minute, hour, day, month, weekday }: CronTime, now: Date): boolean {
  const isDay = fits(day, now.getDate());
  const isWeekday = fits(weekday, now.getDay());
  const isToday = day >= 0 && weekday >= 0 ? isDay || isWeekday : isDay && isWeekday;
  return fits(minute, now.getMinutes()) && fits(hour, now.getHours()) && fits(month, now.getMonth() + 1) && isToday;
}

function fits(wanted: number, found: number): boolean {
  return wanted < 0 ? found % -wanted === 0 : found === wanted;
}
