import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatChanges, judge } from '../../../bench/compare/pairs.ts';

/** Pairs of which the later commit had so many times what the earlier one had. */
const pairsOf = (...ratios: readonly number[]) => ratios.map((after) => ({ before: 1, after }));

describe('of pairs with a clear answer', () => {
  for (const { what, ratios, verdict } of [
    { what: 'a load that lost 10 % each time', ratios: [0.9, 0.91, 0.89, 0.9, 0.92, 0.9], verdict: 'slower' },
    { what: 'one that lost 3 % each time', ratios: [0.97, 0.96, 0.98, 0.97, 0.97, 0.96], verdict: 'a little slower' },
    { what: 'one that lost 10 %, but not always', ratios: [0.8, 0.9, 0.9, 0.9, 0.96, 0.9], verdict: 'perhaps slower' },
    { what: 'one that lost or won as it happened', ratios: [0.9, 1.1, 0.98, 1.02, 1, 1.01], verdict: 'the same' },
    { what: 'one that won each time', ratios: [1.01, 1.02, 1.2, 1.1, 1.03, 1.04], verdict: 'faster' },
  ] as const) {
    test(`${what} is ${verdict}`, () => {
      assert.equal(judge(pairsOf(...ratios)).verdict, verdict);
    });
  }
});

test('four pairs are too few for a verdict, however clear they are; five are enough', () => {
  assert.equal(judge(pairsOf(0.5, 0.5, 0.5, 0.5)).verdict, 'too few pairs');
  assert.equal(judge(pairsOf(0.5, 0.5, 0.5, 0.5, 0.5)).verdict, 'slower');
});

test('the ratio is the median of the ratios, not that of the figures', () => {
  const pairs = [
    { before: 100, after: 110 },
    { before: 1000, after: 900 },
    { before: 10_000, after: 12_000 },
  ];
  const { ratio, low, high } = judge(pairs);
  assert.deepEqual([ratio, low, high], [1.1, 0.9, 1.2]);
});

test('of eight pairs the lowest and the highest ratio do not count: one hiccup on either side changes nothing', () => {
  const { low, high, verdict } = judge(pairsOf(0.88, 0.2, 0.9, 0.87, 0.89, 0.9, 3, 0.88));
  assert.deepEqual([low, high, verdict], [0.87, 0.9, 'slower']);
});

test('of seven all count, so one good pair leaves the loss in doubt', () => {
  assert.equal(judge(pairsOf(0.88, 0.9, 0.87, 0.89, 0.9, 3, 0.88)).verdict, 'perhaps slower');
});

test('the table has a row for each load, and says why one could not be measured', () => {
  const measured = [
    { name: 'hello', unit: 'requests/s', pairs: Array.from({ length: 5 }, () => ({ before: 3000, after: 2700 })), absent: '' },
    { name: 'nginx', unit: 'requests/s', pairs: [], absent: 'needs the Debian package nginx-light' },
  ];
  assert.deepEqual(formatChanges(measured, { before: 'abc1234', after: 'work tree' }).split('\n'), [
    '| load | abc1234, median | work tree, median | ratio, median of pairs | the true one: 90 % sure | |',
    '|---|--:|--:|--:|--:|---|',
    '| hello, requests/s | 3,000 | 2,700 | 0.900 | 0.900–0.900 | slower |',
    '| nginx, requests/s | | | | | needs the Debian package nginx-light |',
  ]);
});
