import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demandGoodAnswers } from '../../bench/wrk.ts';

/** What wrk prints at its end, with these lines about what went wrong. */
function printed(...wrong: readonly string[]): string {
  return [
    'Running 2s test @ http://127.0.0.1:8000/',
    '  1 threads and 64 connections',
    '  124866 requests in 2.00s, 15.12MB read',
    ...wrong,
    'Requests/sec:  62433.00',
    'Transfer/sec:      7.56MB',
  ].join('\n');
}

for (const { what, wrong } of [
  { what: 'good', wrong: [] },
  { what: 'late', wrong: ['  Socket errors: connect 0, read 0, write 0, timeout 64'] },
]) {
  test(`answers may be ${what}`, () => {
    assert.doesNotThrow(() => demandGoodAnswers('127.0.0.1:8000', printed(...wrong)));
  });
}

for (const { what, wrong } of [
  { what: 'another status', wrong: '  Non-2xx or 3xx responses: 7' },
  { what: 'nobody who answers', wrong: '  Socket errors: connect 3, read 0, write 0, timeout 0' },
]) {
  test(`${what} is told, with the address`, () => {
    assert.throws(() => demandGoodAnswers('127.0.0.1:8000', printed(wrong)), { message: `127.0.0.1:8000: ${wrong.trim()}` });
  });
}
