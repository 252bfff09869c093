import { ctime } from './ctime.ts';
import { type LogOutput, Outlet } from './outlet.ts';
import { strftime } from './strftime.ts';

export type { LogOutput } from './outlet.ts';

/** Where the server's own lines go. Whole lines in one write each, so that they never mix with those of the workers. */
export interface Log {
  /** A line as it is: start-up lines. */
  line(text: string): void;
  /** Something that happened while serving: the line begins with the time, as uWSGI's do. */
  event(text: string): void;
}

/** The dates in front of lines (`log-date`). */
export interface LogDates {
  /** In the signs of strftime; undefined for uWSGI's own, which is that of ctime(3). */
  readonly form: string | undefined;
  /** Those of the start have one, too (`log-master`). */
  readonly onEveryLine: boolean;
}

const USUAL: LogDates = { form: undefined, onEveryLine: false };

export interface LogPorts {
  /** As they are now. */
  readonly dates?: () => LogDates;
  /** Puts colours into a line, where there are to be some. */
  readonly paint?: (line: string) => string;
  /** Is told how many lines the output did not take. */
  readonly onDropped: (lines: number) => void;
}

/** A log on whatever the output is at the time of the line: the terminal, or the file of `logto` and `daemonize`. */
export function logTo(output: LogOutput, { dates = () => USUAL, paint = (line) => line, onDropped }: LogPorts): Log {
  const outlet = new Outlet(output, onDropped);
  const dated = (text: string): string => {
    const { form } = dates();
    const now = new Date();
    return `${form === undefined ? ctime(now) : strftime(form, now)} - ${text}`;
  };
  return {
    line: (text) => outlet.write(`${paint(dates().onEveryLine ? dated(text) : text)}\n`),
    event: (text) => outlet.write(`${paint(dated(text))}\n`),
  };
}
