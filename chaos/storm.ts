/** Faults in an order that chance decides, and two of them at once. */
import { type Fault, notFor } from './faults/fault.ts';
import { pick, type Random } from './random.ts';
import { stageOf } from './suite.ts';
import type { Contender } from './targets/contender.ts';

export const STORM = 'a storm: any of these, one after the other';
export const PAIRS = 'two of these at once';

/** So many faults of those that this server can be given without being prepared for them. */
export function stormOf(faults: readonly Fault[], count: number, { contender, random }: Choice): readonly Fault[] {
  const possible = withoutStage(faults, contender);
  return times(count, () => pick(possible, random)).map((fault) => ({ ...fault, row: STORM }));
}

/** So many pairs of faults that do not spoil each other. */
export function pairsOf(faults: readonly Fault[], count: number, { contender, random }: Choice): readonly Fault[] {
  const possible = withoutStage(faults, contender);
  const pairs = possible.flatMap((one, at) => possible.slice(at + 1).map((other) => [one, other] as const));
  return times(count, () => pick(pairs.filter(canBeAtOnce), random)).map(together);
}

interface Choice {
  readonly contender: Contender;
  readonly random: Random;
}

function withoutStage(faults: readonly Fault[], contender: Contender): readonly Fault[] {
  return faults.filter((fault) => notFor(fault, contender) === false && stageOf(fault, contender) === 'any fault');
}

function canBeAtOnce([one, other]: readonly [Fault, Fault]): boolean {
  const spoils = (first: Fault, second: Fault): boolean =>
    [...(first.claims ?? []), ...(first.upsets ?? [])].some((claim) => second.claims?.includes(claim));
  return !spoils(one, other) && !spoils(other, one);
}

function together([one, other]: readonly [Fault, Fault]): Fault {
  return {
    name: `${one.name} + ${other.name}`,
    row: PAIRS,
    kills: (one.kills ?? 0) + (other.kills ?? 0),
    cutsClients: one.cutsClients === true || other.cutsClients === true,
    threads: Math.max(one.threads ?? 1, other.threads ?? 1),
    cause: async (target) => {
      await Promise.all([one.cause(target), other.cause(target)]);
    },
  };
}

function times<Item>(count: number, make: () => Item | undefined): Item[] {
  return Array.from({ length: count }, make).filter((item) => item !== undefined);
}
