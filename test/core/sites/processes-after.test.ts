import assert from 'node:assert/strict';
import test from 'node:test';
import { processesAfter } from '../../../src/core/sites/processes-after.ts';
import { planOf } from '../../helpers/plan.ts';

const BEFORE = '--http :9090 --wsgi-file server.py -M -p 4';

for (const { wanted, after, expected, why } of [
  { wanted: 7, after: BEFORE, expected: 7, why: 'what the operator asked for stays' },
  { wanted: 7, after: `${BEFORE} -p 2`, expected: 2, why: 'the configuration says otherwise now' },
  { wanted: 4, after: `${BEFORE} --cheaper 1 --cheaper-initial 2`, expected: 2, why: 'the load decides from now on' },
]) {
  test(`of ${wanted} workers there are ${expected} after a reload: ${why}`, () => {
    assert.equal(processesAfter(wanted, planOf(BEFORE), planOf(after)), expected);
  });
}

test('a number of workers that the load has found stays within new bounds', () => {
  const before = planOf(`${BEFORE} --cheaper 1`);
  assert.equal(processesAfter(3, before, planOf(`${BEFORE} -p 2 --cheaper 1`)), 2);
  assert.equal(processesAfter(1, before, planOf(`${BEFORE} --cheaper 2`)), 2);
});
