import { writeSync } from 'node:fs';
import { ctime } from './ctime.ts';

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

/** A log on whatever the output is at the time of the line: the terminal, or the file of `logto` and `daemonize`. */
export function logTo(output: LogOutput): Log {
  const line = (text: string) => writeLine(output.fd, text);
  return { line, event: (text) => line(`${ctime(new Date())} - ${text}`) };
}

function writeLine(fd: number, text: string): void {
  try {
    writeSync(fd, `${text}\n`);
  } catch {
    // The terminal was closed or the disk is full: a server goes on serving without its log.
  }
}
