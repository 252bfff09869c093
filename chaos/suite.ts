/** Faults done to a server under load, one after the other in an order that a seed decides, and what became of the requests meanwhile. */
import { OwnScope } from '../test/helpers/scope.ts';
import type { Fault } from './faults.ts';
import type { Contender, Target } from './targets.ts';

/** What became of the requests during one fault. */
export interface Outcome {
  readonly fault: string;
  readonly served: number;
  /** Connections that ended without an answer, by how. */
  readonly lost: Readonly<Record<string, number>>;
  /** Answers that were no 200, by status. */
  readonly refused: Readonly<Record<string, number>>;
  /** Why it could not go on after the fault. */
  readonly stuck?: string;
}

export interface Run {
  readonly contender: Contender;
  readonly faults: readonly Fault[];
  readonly seed: number;
  readonly clients: number;
}

/** Requests after a fault that still count as its consequence. */
const AFTERMATH = 60;

/** A server that does not get over a fault is started anew for the next one. */
export async function runChaos({ contender, faults, seed, clients }: Run): Promise<readonly Outcome[]> {
  const random = randomFrom(seed);
  const outcomes: Outcome[] = [];
  const left = shuffled(faults, random);
  while (left.length > 0) {
    const scope = new OwnScope(contender.name);
    try {
      const target = await contender.start(scope, { clients, random });
      await target.load.more(AFTERMATH);
      for (let fault = left.shift(); fault; fault = outcomes.at(-1)?.stuck === undefined ? left.shift() : undefined) {
        outcomes.push(await inflict(fault, target));
      }
    } finally {
      await scope.end();
    }
  }
  return outcomes;
}

/** How many requests had no good answer. */
export function losses({ lost, refused }: Outcome): number {
  return sum(lost) + sum(refused);
}

async function inflict(fault: Fault, target: Target): Promise<Outcome> {
  const before = new Map<string, number>(target.load.tally.verdicts);
  let stuck: string | undefined;
  try {
    await fault.cause(target);
    await target.load.more(AFTERMATH);
  } catch (error) {
    stuck = (error as Error).message.split('\n')[0] ?? '';
  }
  const during = [...target.load.tally.verdicts].map(([verdict, count]) => [verdict, count - (before.get(verdict) ?? 0)] as const);
  const pick = (wanted: (verdict: string) => boolean): Record<string, number> =>
    Object.fromEntries(during.filter(([verdict, count]) => count > 0 && wanted(verdict)));
  return {
    fault: fault.name,
    served: sum(pick((verdict) => verdict === 'ok')),
    lost: pick((verdict) => verdict !== 'ok' && !verdict.startsWith('status')),
    refused: pick((verdict) => verdict.startsWith('status')),
    ...(stuck !== undefined && { stuck }),
  };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
