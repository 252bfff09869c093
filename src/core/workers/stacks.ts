import type { QuestionPorts } from './question.ts';
import type { Worker } from './worker.ts';

/** A worker whose listening thread does not answer by then cannot: something holds the interpreter, such as a loop in C. */
const PATIENCE_MS = 1000;

/** What stands in for the stacks of a worker that cannot tell them itself. */
const CANNOT_TELL = 'does not answer: its stacks are in the log, as faulthandler wrote them\n';

export interface StacksPorts extends QuestionPorts {
  /** Has a process write its stacks into the log without the interpreter's help. */
  signal(pid: number, signal: 'SIGUSR2'): void;
}

/** The Python stacks of all threads of a worker as text, or why they cannot be had. */
export async function stacksOf({ channel, pid, stacks }: Worker, ports: StacksPorts): Promise<string> {
  if (channel === undefined || pid === undefined) return 'has not come up yet\n';
  const answer = await stacks.ask(() => channel.send({ type: 'stacks' }), PATIENCE_MS, ports);
  if (answer === undefined) ports.signal(pid, 'SIGUSR2');
  return answer ?? CANNOT_TELL;
}
