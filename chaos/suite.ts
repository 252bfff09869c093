/** Faults done to a server under load, one after the other, and what became of the requests meanwhile. */
import { OwnScope } from '../test/helpers/scope.ts';
import type { Fault } from './faults/fault.ts';
import type { Outcome } from './outcome.ts';
import type { Random } from './random.ts';
import type { Contender, Stage } from './targets/contender.ts';
import { startTarget, type Target } from './targets/target.ts';

export interface Run {
  readonly contender: Contender;
  /** In this order, but for those that need a server of their own. */
  readonly faults: readonly Fault[];
  readonly random: Random;
  readonly clients: number;
  readonly tell?: (outcome: Outcome) => void;
}

/** Good answers after a fault; until then whatever happens counts as its consequence. */
const AFTERMATH = 60;

/** What is done at last. */
const END: Fault = { name: 'SIGTERM at the end', cause: () => Promise.resolve() };

/** All faults, with a server for each stage that they need. One that does not get over a fault is started anew for the next. */
export async function runChaos(run: Run): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const keep = (outcome: Outcome): void => {
    outcomes.push(outcome);
    run.tell?.(outcome);
  };
  for (const [stage, faults] of byStage(run)) {
    const left = [...faults];
    while (left.length > 0) await withServer(run, stage, { work: (target) => inflictUntilStuck(target, left, keep), keep });
  }
  return outcomes;
}

/** The stage that a fault needs, of those for which a server has a configuration. */
export function stageOf({ stage = 'any fault' }: Fault, { ownStages }: Contender): Stage {
  return ownStages.includes(stage) ? stage : 'any fault';
}

function byStage({ contender, faults }: Run): Map<Stage, Fault[]> {
  const stages = new Map<Stage, Fault[]>();
  for (const fault of faults) {
    const stage = stageOf(fault, contender);
    stages.set(stage, [...(stages.get(stage) ?? []), fault]);
  }
  return stages;
}

interface Use {
  readonly work: (target: Target) => Promise<void>;
  readonly keep: (outcome: Outcome) => void;
}

async function withServer({ contender, clients, random }: Run, stage: Stage, { work, keep }: Use): Promise<void> {
  const scope = new OwnScope(contender.name);
  try {
    const target = await startTarget(scope, contender, { clients, random, stage });
    await target.load.good(AFTERMATH);
    await work(target);
  } finally {
    await scope.end().catch((error: unknown) => {
      keep({ fault: END, served: 0, bad: {}, stuck: String(error) });
    });
  }
}

async function inflictUntilStuck(target: Target, left: Fault[], keep: (outcome: Outcome) => void): Promise<void> {
  for (let fault = left.shift(); fault; fault = left.shift()) {
    const outcome = await inflict(fault, target);
    keep(outcome);
    if (outcome.stuck === undefined) continue;
    process.stderr.write(`--- ${target.contender.name}, ${fault.name}: ${outcome.stuck}\n${target.lastWords()}\n---\n`);
    return;
  }
}

async function inflict(fault: Fault, target: Target): Promise<Outcome> {
  const { verdicts } = target.load.tally;
  const before = new Map<string, number>(verdicts);
  let stuck: string | undefined;
  try {
    await fault.cause(target);
    await target.load.good(AFTERMATH);
  } catch (error) {
    stuck = (error as Error).message.split('\n')[0] ?? '';
  }
  const during = Object.fromEntries([...verdicts].map(([verdict, count]) => [verdict, count - (before.get(verdict) ?? 0)]));
  const { ok: served = 0, ...bad } = during;
  const seen = Object.fromEntries(Object.entries(bad).filter(([, count]) => count > 0));
  return { fault, served, bad: seen, ...(stuck !== undefined && { stuck }) };
}
