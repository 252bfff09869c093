import { constants, openSync } from 'node:fs';
import { Outlet } from '../log/outlet.ts';

/** Where the lines about requests go. */
export interface RequestOutletPorts {
  /** The pipe for them alone. */
  readonly pipe: string;
  /** Whether they go there now, and not to the log. */
  readonly isApart: () => boolean;
  readonly log: (line: string) => void;
  /** Is told how many of them nobody took. */
  readonly onDropped: (lines: number) => void;
}

/** Takes lines about requests to where they go. A pipe that is full is not waited for: clients would have to. */
export function requestOutlet({ pipe, isApart, log, onDropped }: RequestOutletPorts): (line: string) => void {
  let outlet: Outlet | undefined;
  return (line) => {
    if (!isApart()) return log(line);
    try {
      outlet ??= new Outlet({ fd: openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK) }, onDropped);
      outlet.write(`${line}\n`);
    } catch {
      onDropped(1); // the pipe is gone: a server goes on serving without its log
    }
  };
}
