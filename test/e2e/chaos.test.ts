/** The short form of `npm run test:chaos`: each fault once, at one door or another, a few two at a time, and nothing lost that could be saved. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAULTS } from '../../chaos/faults/all.ts';
import { type Fault, notFor } from '../../chaos/faults/fault.ts';
import { isFine, type Outcome } from '../../chaos/outcome.ts';
import { pick, randomFrom, shuffled } from '../../chaos/random.ts';
import { pairsOf } from '../../chaos/storm.ts';
import { runChaos } from '../../chaos/suite.ts';
import { tsuwsgi } from '../../chaos/targets/contenders.ts';
import { requires } from '../helpers/requirements.ts';

const CLIENTS = 6;
const PAIRS = 3;
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

// At the same time: they mostly wait.
describe(`faults under load, with seed ${String(seed)} (CHAOS_SEED)`, { concurrency: 2 }, () => {
  const random = randomFrom(seed);
  const direct = tsuwsgi(pick(['uwsgi', 'nginx'] as const, random) ?? 'uwsgi');
  const possible = FAULTS.filter(({ absent = false }) => absent === false);
  const [first, second] = deal(shuffled(possible, random));
  for (const [contender, faults] of [
    [tsuwsgi('http'), first],
    [direct, second],
  ] as const) {
    const own = randomFrom(Math.floor(random() * 2 ** 32));
    const skip = requires(...contender.needs);
    test(`${contender.name}: nothing is lost that could be saved`, { skip }, async () => {
      const pairs = pairsOf(possible, PAIRS, { contender, random: own });
      const outcomes = await runChaos({ contender, faults: [...faults, ...pairs], random: own, clients: CLIENTS });
      assert.deepEqual(outcomes.filter((outcome) => !isFine(outcome, contender.door, CLIENTS)).map(describeOutcome), []);
    });
  }

  for (const { name, absent } of FAULTS) if (typeof absent === 'string') test(name, { skip: absent });

  /** Half of them for each door; what only the one with a gateway can be done to comes to that one. */
  function deal(faults: readonly Fault[]): readonly [readonly Fault[], readonly Fault[]] {
    const gateways = faults.filter((fault) => notFor(fault, direct) !== false);
    const others = faults.filter((fault) => !gateways.includes(fault));
    const cut = Math.floor(faults.length / 2) - gateways.length;
    return [[...gateways, ...others.slice(0, cut)], others.slice(cut)];
  }
});

describe('what may be lost', () => {
  const fault: Fault = { name: 'a fault', kills: 1, cause: () => Promise.resolve() };
  const good: Outcome = { fault, served: 100, bad: {} };
  for (const { what, door, bad, stuck, isGood } of [
    { what: 'one request of a killed worker is a 502', door: 'http', bad: { 'status 502': 1 }, isGood: true },
    { what: 'two are', door: 'http', bad: { 'status 502': 2 }, isGood: false },
    { what: 'its connection is closed instead', door: 'http', bad: { empty: 1 }, isGood: false },
    { what: 'its connection is closed, where nobody stands between', door: 'uwsgi', bad: { empty: 1 }, isGood: true },
    { what: 'its connection is closed by nginx', door: 'nginx', bad: { empty: 1 }, isGood: false },
    { what: 'one is refused', door: 'uwsgi', bad: { refused: 1 }, isGood: false },
    { what: 'one is answered with 500', door: 'nginx', bad: { 'status 500': 1 }, isGood: false },
    { what: 'the server does not go on', door: 'http', bad: {}, stuck: 'nothing came', isGood: false },
  ] as const) {
    test(`${what}: ${isGood ? 'fine' : 'not fine'}`, () => {
      assert.equal(isFine({ ...good, bad, ...(stuck !== undefined && { stuck }) }, door, CLIENTS), isGood);
    });
  }
});

function describeOutcome({ fault, bad, stuck }: Outcome): string {
  return `${fault.name}: ${JSON.stringify(bad)} ${stuck ?? ''}`;
}
