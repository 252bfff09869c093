import { constants, openSync, writeSync } from 'node:fs';

/** Where the lines about requests go. */
export interface RequestOutletPorts {
  /** The pipe for them alone. */
  readonly pipe: string;
  /** Whether they go there now, and not to the log. */
  readonly isApart: () => boolean;
  readonly log: (line: string) => void;
}

/** Takes lines about requests to where they go. A pipe that is full is not waited for: clients would have to. */
export function requestOutlet({ pipe, isApart, log }: RequestOutletPorts): (line: string) => void {
  let fd: number | undefined;
  return (line) => {
    if (!isApart()) return log(line);
    try {
      fd ??= openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
      writeSync(fd, `${line}\n`);
    } catch {
      // It has no room or is gone: a server goes on serving without its log.
    }
  };
}
