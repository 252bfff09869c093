/** Sends the statistics to those who keep them (`stats-push`, `carbon`), by the clock. */
import { setTimeout } from 'node:timers/promises';
import type { Log } from '../log/log.ts';
import type { CarbonPlan, PlannedTarget, PushingPlan } from '../plan/pushing.ts';
import type { Stop } from '../sites/watches.ts';
import { formatDocument, type StatsDocument } from '../stats/document.ts';
import { type NamedFigure, namedFigures } from '../stats/named-figures.ts';
import { carbonLines, type DatedDocument } from '../stats/push/carbon.ts';
import { appendText, DatagramSender, sendLines } from '../stats/push/senders.ts';
import { Increases, packets, statsdLine } from '../stats/push/statsd.ts';
import { Complaints } from '../util/complaints.ts';
import { RARELY_MS } from '../util/sparse-line.ts';

export interface PushingPorts {
  readonly statistics: () => StatsDocument;
  readonly log: Log;
}

export function startPushing({ targets, carbon }: PushingPlan, ports: PushingPorts): Stop {
  const stops = [...targets.map((target) => startTarget(target, ports)), ...(carbon === undefined ? [] : [startCarbon(carbon, ports)])];
  return () => {
    for (const stop of stops) stop();
  };
}

function startTarget(planned: PlannedTarget, ports: PushingPorts): Stop {
  const { target, everyMs } = planned;
  if (target.kind === 'file') {
    const tell = teller(`stats-push to ${target.path}`, ports.log);
    return every(everyMs, () => {
      appendText(target.path, formatDocument(ports.statistics()) + target.separator).catch(tell);
    });
  }
  const { kind, host, port, prefix } = target;
  const sender = new DatagramSender({ host, port }, teller(`stats-push to ${kind}:${host}:${port}`, ports.log));
  const increases = new Increases();
  const stop = every(everyMs, () => {
    const figures = namedFigures(ports.statistics(), planned.hasWorkers);
    sender.send(packets(counted(figures, planned, increases).map((figure) => statsdLine(figure, kind, prefix))));
  });
  return () => {
    stop();
    sender.close();
  };
}

/** uWSGI's `socket` is no StatsD: whoever reads it gets the counts as they stand. */
function counted(figures: readonly NamedFigure[], { target, allGauges }: PlannedTarget, increases: Increases): readonly NamedFigure[] {
  if (target.kind === 'socket') return figures;
  return allGauges ? figures.map((figure) => ({ ...figure, type: 'gauge' })) : increases.of(figures);
}

function startCarbon(plan: CarbonPlan, { statistics, log }: PushingPorts): Stop {
  const ending = new AbortController();
  const servers = plan.servers.map((server) => ({ server, tell: teller(`carbon to ${server.host}:${server.port}`, log) }));
  let before: DatedDocument | undefined;
  const stop = every(plan.everyMs, () => {
    const now = { document: statistics(), at: Date.now() / 1000 };
    const lines = carbonLines(now, before, plan);
    before = now;
    for (const { server, tell } of servers) deliver(lines, { server, plan, signal: ending.signal }).catch(tell);
  });
  return () => {
    stop();
    ending.abort();
  };
}

interface Delivery {
  readonly server: CarbonPlan['servers'][number];
  readonly plan: CarbonPlan;
  readonly signal: AbortSignal;
}

/** @throws Error of the last attempt; none once nobody waits for it any more */
async function deliver(lines: readonly string[], { server, plan, signal }: Delivery): Promise<void> {
  for (let left = plan.retries; !signal.aborted; left--) {
    try {
      return await sendLines(server, lines, plan.timeoutMs);
    } catch (error) {
      if (left === 0) throw error;
      // The end of the pushing cuts the pause short.
      await setTimeout(plan.retryMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }
}

function every(milliseconds: number, act: () => void): Stop {
  const timer = setInterval(act, milliseconds).unref();
  return () => clearInterval(timer);
}

/** Tells of failures, not of each. */
function teller(what: string, log: Log): (error: unknown) => void {
  const complaints = new Complaints((text) => log.event(`${what} failed: ${text}`), { quietMs: RARELY_MS });
  return (error) => complaints.add((error as Error).message);
}
