/** The short form of `npm run test:chaos`: each fault once, and nothing lost that could be saved. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS, faultsOfItsOwn } from '../../chaos/faults.ts';
import { losses, runChaos } from '../../chaos/suite.ts';
import { TSUWSGI } from '../../chaos/targets.ts';

const CLIENTS = 6;

test('faults under load lose nothing that could be saved', async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${String(seed)}: npm run test:chaos -- --seed ${String(seed)} does the same`);
  const faults = [...FAULTS, ...faultsOfItsOwn(CLIENTS)];
  const outcomes = await runChaos({ contender: TSUWSGI, faults, seed, clients: CLIENTS });
  for (const outcome of outcomes) {
    const mayLose = faults.find(({ name }) => name === outcome.fault)?.mayLose ?? 0;
    assert.equal(outcome.stuck, undefined, `${outcome.fault} with seed ${String(seed)}`);
    assert.ok(losses(outcome) <= mayLose, `seed ${String(seed)}: ${JSON.stringify(outcome)}`);
  }
});
