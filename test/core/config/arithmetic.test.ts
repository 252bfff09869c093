import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calculate } from '../../../src/core/config/arithmetic.ts';

const VALUES: Readonly<Record<string, string>> = { port: '1234', base: '/srv', three: '3', text: '12 monkeys' };

// All but the last ones were run on uWSGI 2.0.21.
for (const [expression, result] of [
  ['port + 1', '1235'],
  ['port 1 + 2', '12343'],
  ['port / 5', '246'],
  ['port ++', '1235'],
  ['port --', '1233'],
  ['base port', '/srv1234'],
  ['three * 2 + 1', '7'],
  ['1 + three * 2', '8'],
  ['port / 0', '0'],
  ['three * -1', '0'],
  ['nothing', ''],
  ['nothing + 1', '1'],
  ['(three * 2) + 1', '1'],
  ['three - 10', '-7'],
  ['text + 1', '13'],
  ['', ''],
] as const) {
  test(`%(${expression}) is "${result}"`, () => {
    assert.equal(
      calculate(expression, (key) => VALUES[key]),
      result,
    );
  });
}
