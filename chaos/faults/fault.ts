import type { Ability, Contender, Stage } from '../targets/contender.ts';
import type { Target } from '../targets/target.ts';

/** Something that goes wrong with a server, done on purpose. It is over, and mended, when its promise is settled. */
export interface Fault {
  readonly name: string;
  /** The row of the table; the name where there is none. */
  readonly row?: string;
  /** What a server must have for it. */
  readonly needs?: readonly Ability[];
  /** What a server must be prepared for; any server will do where there is none. */
  readonly stage?: Stage;
  /** Why this machine cannot do it. */
  readonly absent?: string | false;
  /** Requests that run in a worker at a moment when it is killed. */
  readonly kills?: number;
  /** It ends the process that all clients are connected to. */
  readonly cutsClients?: boolean;
  /** Threads of a worker meanwhile; one where there is none. */
  readonly threads?: number;
  /** What it needs for itself. */
  readonly claims?: readonly Claim[];
  /** What it makes impossible for others meanwhile. */
  readonly upsets?: readonly Claim[];
  readonly cause: (target: Target) => Promise<void>;
}

/** `code`: reloads; `count`: the number of workers; `files`: the limit of descriptors; `log`: what is said in it. */
export type Claim = 'code' | 'count' | 'files' | 'log';

/** How long something stands still: longer than any request, shorter than any deadline. */
export const STANDSTILL_MS = 700;

/** Why a fault is not done to a server, or false. */
export function notFor(fault: Fault, { abilities }: Contender): string | false {
  const lacking = (fault.needs ?? []).filter((ability) => !abilities.includes(ability));
  if (lacking.length > 0) return `no ${lacking.join(', no ')}`;
  return fault.absent ?? false;
}
