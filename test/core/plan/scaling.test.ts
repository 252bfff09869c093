import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planScaling } from '../../../src/core/plan/scaling.ts';
import { optionsOf } from '../../helpers/plan.ts';

const plan = (line: string) => planScaling(optionsOf(line));

describe('cheaper', () => {
  test('without it there is nothing to scale', () => {
    assert.equal(plan('-p 4 --cheaper-initial 2'), undefined);
  });

  test("goes from the fewest to processes, by uWSGI's defaults", () => {
    assert.deepEqual(plan('-p 8 --cheaper 2'), {
      ...{ least: 2, initial: 2, most: 8, algorithm: 'spare', step: 1, overload: 3 },
      busyness: { max: 50, min: 25, multiplier: 10, backlogAlert: 33, backlogStep: 1 },
    });
  });

  for (const { line, expected } of [
    { line: '-p 8 --cheaper 2 --cheaper-initial 5', expected: { initial: 5 } },
    { line: '-p 8 --cheaper 2 --cheaper-initial 1', expected: { initial: 2 } },
    { line: '-p 8 --cheaper 2 --cheaper-initial 9', expected: { initial: 8 } },
    { line: '-p 8 --cheaper 2 --cheaper-algo spare2', expected: { algorithm: 'spare' } },
    {
      line: '-p 8 --cheaper 2 --cheaper-algo busyness --cheaper-step 3 --cheaper-overload 30',
      expected: { algorithm: 'busyness', step: 3, overload: 30 },
    },
  ] as const) {
    test(line, () => {
      assert.deepEqual({ ...plan(line), ...expected }, plan(line));
    });
  }

  test('must be lower than processes', () => {
    assert.throws(() => plan('-p 2 --cheaper 2'), { code: 'TSU_PLAN', message: 'cheaper = 2 must be lower than processes = 2' });
  });

  test('needs an algorithm that there is', () => {
    assert.throws(() => plan('-p 2 --cheaper 1 --cheaper-algo magic'), { message: /no cheaper-algo "magic"/ });
  });

  test('turns the master on', () => {
    assert.equal(optionsOf('--cheaper 1').master, true);
  });
});
