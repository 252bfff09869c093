/** Fast requests among which some are slow: how long the fast ones take. */
import { onEnd, type Scope } from '../test/helpers/scope.ts';
import { type Answered, Clients, percentile99 } from './clients.ts';
import type { Started } from './servers.ts';
import { paceOf } from './wrk.ts';

const CLIENTS = 64;
/** Of all requests, those that are slow. */
const SLOW_SHARE = 0.05;
/** For who compiles while it runs, as our gateway does. */
const WARM_UP_SECONDS = 1;
/** Until the slow ones are spread as they stay. */
const FIRST = 200;
const FAST = '/';
const SLOW = '/slow';

export interface MixedFigures {
  /** Requests of both kinds in a second. */
  readonly rate: number;
  /** The 99th percentile of the fast ones, in milliseconds. */
  readonly p99: number;
}

/**
 * Asks a server that runs flask-json.py for the same paths in the same order as any other.
 *
 * @param count of requests
 */
export async function measureMixed(scope: Scope, server: Started, count: number): Promise<MixedFigures> {
  await paceOf(server, FAST, { connections: CLIENTS, seconds: WARM_UP_SECONDS });
  const clients = new Clients(server.address, { clients: CLIENTS, next: mixedPaths() });
  onEnd(scope, () => clients.stop());
  const answered = await clients.answered(FIRST + count);
  clients.stop();
  return figuresOf(answered.slice(FIRST, FIRST + count));
}

function figuresOf(answered: readonly Answered[]): MixedFigures {
  const took = ((answered.at(-1)?.at ?? NaN) - (answered[0]?.at ?? NaN)) / 1000;
  return { rate: (answered.length - 1) / took, p99: percentile99(answered.filter(({ path }) => path === FAST)) };
}

/** Without chance, so that no server is luckier than the others: a linear congruential generator (Numerical Recipes). */
function mixedPaths(): () => string {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state < SLOW_SHARE * 2 ** 32 ? SLOW : FAST;
  };
}
