import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RequestQueue } from '../../../src/core/gateway/queue.ts';
import { TimeLimits } from '../../../src/core/gateway/time-limits.ts';
import { fakeExchange } from './fake-exchange.ts';

const CAME_AT = 5000;
const NONE = { harakiriMs: 0, httpHarakiriMs: 0, queueTimeoutMs: 0 };

/** One request that waits, and what the limits make of it after so long. */
function waitFor(limits: Partial<typeof NONE>) {
  const queue = new RequestQueue(10);
  const { exchange, lines, written } = fakeExchange(CAME_AT);
  queue.push(exchange);
  const check = (ageMs: number): number => new TimeLimits({ ...NONE, ...limits }).checkQueue(queue, CAME_AT + ageMs);
  return { queue, lines, written, check };
}

describe('a request that waits', () => {
  for (const { what, limits, line, head } of [
    {
      what: 'queue-timeout is a 503 that says when to come again',
      limits: { queueTimeoutMs: 2000 },
      line: '503: waited 2.0 s for a free worker (queue-timeout = 2)',
      head: /^HTTP\/1\.1 503 [^]*\r\nRetry-After: 2\r\n/,
    },
    {
      what: 'http-harakiri is a 504',
      limits: { httpHarakiriMs: 2000 },
      line: '504: waited 2.0 s for a free worker (http-harakiri = 2)',
      head: /^HTTP\/1\.1 504 (?![^]*Retry-After)/,
    },
    {
      what: 'both ends by the shorter one: queue-timeout',
      limits: { queueTimeoutMs: 2000, httpHarakiriMs: 3000 },
      line: '503: waited 2.0 s for a free worker (queue-timeout = 2)',
      head: /^HTTP\/1\.1 503 /,
    },
    {
      what: 'both ends by the shorter one: http-harakiri',
      limits: { queueTimeoutMs: 3000, httpHarakiriMs: 2000 },
      line: '504: waited 2.0 s for a free worker (http-harakiri = 2)',
      head: /^HTTP\/1\.1 504 /,
    },
  ]) {
    test(`longer than ${what}`, () => {
      const { queue, lines, written, check } = waitFor(limits);
      check(1999);
      assert.deepEqual([queue.length, lines], [1, []]);
      check(2000);
      assert.deepEqual([queue.length, lines], [0, [line]]);
      assert.match(written.join(''), head);
    });
  }

  test('without a limit may wait for ever', () => {
    const { queue, check } = waitFor({ harakiriMs: 10 });
    check(1e9);
    assert.equal(queue.length, 1);
  });

  test('leaves the younger ones behind', () => {
    const { queue, check, lines } = waitFor({ queueTimeoutMs: 1000 });
    const younger = fakeExchange(CAME_AT + 500);
    queue.push(younger.exchange);
    check(1400);
    assert.deepEqual([lines.length, younger.lines.length, queue.length], [1, 0, 1]);
    assert.equal(queue.peek(), younger.exchange);
  });
});

test('it is told how many were given up', () => {
  const { check } = waitFor({ queueTimeoutMs: 2000 });
  assert.deepEqual([check(1999), check(2000), check(2001)], [0, 1, 0]);
});
