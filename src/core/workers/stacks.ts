import type { After } from '../util/timer.ts';
import type { Worker } from './worker.ts';

/** A worker whose listening thread does not answer by then cannot: something holds the interpreter, such as a loop in C. */
const PATIENCE_MS = 1000;

/** What stands in for the stacks of a worker that cannot tell them itself. */
const CANNOT_TELL = 'does not answer: its stacks are in the log, as faulthandler wrote them\n';

export interface StacksPorts {
  readonly after: After;
  /** Has a process write its stacks into the log without the interpreter's help. */
  signal(pid: number, signal: 'SIGUSR2'): void;
}

/** The Python stacks of all threads of a worker as text, or why they cannot be had. */
export function stacksOf(worker: Worker, ports: StacksPorts): Promise<string> {
  const { channel, pid } = worker;
  if (channel === undefined || pid === undefined) return Promise.resolve('has not come up yet\n');
  return new Promise((resolve) => {
    const deadline = ports.after(PATIENCE_MS, () => {
      ports.signal(pid, 'SIGUSR2');
      resolve(CANNOT_TELL);
    });
    worker.stacksWanted.push((text) => {
      deadline.cancel();
      resolve(text);
    });
    channel.send({ type: 'stacks' });
  });
}
