import { type ScoreboardReader, scoreboardTimeUs } from '../stats/scoreboard.ts';
import { environKey, type Environs } from '../stats/snapshot.ts';
import type { QuestionPorts } from './question.ts';
import type { Worker } from './worker.ts';

/** Of a request that is over sooner nobody wants to know more than the scoreboard does. */
const LONG_US = 50_000;
/** A worker whose interpreter is held by something does not answer. */
const PATIENCE_MS = 100;

/** What the clients of requests that run for long have sent, of those workers that tell. */
export async function environsOf(workers: readonly Worker[], scoreboard: ScoreboardReader, ports: QuestionPorts): Promise<Environs> {
  const longAgo = scoreboardTimeUs() - LONG_US;
  scoreboard.refresh();
  const busy = workers.filter((worker) =>
    scoreboard.slots(worker).some(({ state, startedAtUs }) => state === 'busy' && startedAtUs < longAgo),
  );
  const told = await Promise.all(busy.map((worker) => ask(worker, ports)));
  return new Map(told.flat());
}

async function ask({ pid = 0, channel, environs }: Worker, ports: QuestionPorts) {
  const answer = await environs.ask(() => channel?.send({ type: 'environs' }), PATIENCE_MS, ports);
  return (answer ?? []).map(({ core, startedAt, variables }) => [environKey(pid, core, startedAt), variables] as const);
}
