import { writeSync } from 'node:fs';
import { ctime } from './ctime.ts';
import { strftime } from './strftime.ts';

/** Where the server's own lines go. Whole lines in one write each, so that they never mix with those of the workers. */
export interface Log {
  /** A line as it is: start-up lines. */
  line(text: string): void;
  /** Something that happened while serving: the line begins with the time, as uWSGI's do. */
  event(text: string): void;
}

/** What a log is written to; a file may become another one (log-file.ts). */
export interface LogOutput {
  readonly fd: number;
}

/** The dates in front of lines (`log-date`). */
export interface LogDates {
  /** In the signs of strftime; undefined for uWSGI's own, which is that of ctime(3). */
  readonly form: string | undefined;
  /** Those of the start have one, too (`log-master`). */
  readonly onEveryLine: boolean;
}

const USUAL: LogDates = { form: undefined, onEveryLine: false };

/**
 * A log on whatever the output is at the time of the line: the terminal, or the file of `logto` and `daemonize`.
 *
 * @param dates as they are now
 */
export function logTo(output: LogOutput, dates: () => LogDates = () => USUAL): Log {
  const dated = (text: string): string => {
    const { form } = dates();
    const now = new Date();
    return `${form === undefined ? ctime(now) : strftime(form, now)} - ${text}`;
  };
  return {
    line: (text) => writeLine(output.fd, dates().onEveryLine ? dated(text) : text),
    event: (text) => writeLine(output.fd, dated(text)),
  };
}

function writeLine(fd: number, text: string): void {
  try {
    writeSync(fd, `${text}\n`);
  } catch {
    // The terminal was closed or the disk is full: a server goes on serving without its log.
  }
}
