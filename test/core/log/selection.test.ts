import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSelected } from '../../../src/core/log/selection.ts';
import { PLAIN_LINE } from '../../helpers/request-log.ts';

const NONE = PLAIN_LINE.selection;
const ANSWER = { status: 200, bodySize: 100, spentMs: 5, via: '' };

test('without a condition nothing is selected', () => {
  for (const status of [200, 404, 500]) assert.equal(isSelected(NONE, { ...ANSWER, status, bodySize: 0 }), false);
});

for (const { what, selection, hit, miss } of [
  { what: 'log-4xx', selection: { clientErrors: true }, hit: { status: 499 }, miss: { status: 500 } },
  { what: 'log-5xx', selection: { serverErrors: true }, hit: { status: 500 }, miss: { status: 499 } },
  { what: 'log-slow', selection: { slowMs: 10 }, hit: { spentMs: 10 }, miss: { spentMs: 9.9 } },
  { what: 'log-zero', selection: { empty: true }, hit: { bodySize: 0 }, miss: { bodySize: 1 } },
  { what: 'log-big', selection: { bigBytes: 200 }, hit: { bodySize: 200 }, miss: { bodySize: 199 } },
  { what: 'log-sendfile', selection: { files: true }, hit: { via: 'sendfile' }, miss: { via: 'offload' } },
]) {
  test(`${what} selects what it names, from its bound on`, () => {
    assert.equal(isSelected({ ...NONE, ...selection }, { ...ANSWER, ...hit }), true);
    assert.equal(isSelected({ ...NONE, ...selection }, { ...ANSWER, ...miss }), false);
  });
}
