import assert from 'node:assert/strict';
import test from 'node:test';
import { RequestQueue } from '../../../src/core/gateway/queue.ts';
import { Refusals, retryAfter } from '../../../src/core/gateway/refusals.ts';
import { fakeExchange } from './fake-exchange.ts';

function fullQueue() {
  const lines: string[] = [];
  const refusals = new Refusals((line) => lines.push(line));
  const queue = new RequestQueue(1);
  const waiting = fakeExchange(5000).exchange;
  queue.push(waiting);
  const refuse = (now: number) => {
    const one = fakeExchange();
    refusals.refuse(one.exchange, queue, now);
    lines.push(...one.lines);
    return one;
  };
  return { lines, refusals, refuse, since: waiting.since };
}

test('every client is told, the log once, and then how many there were', () => {
  const { lines, refusals, refuse, since } = fullQueue();
  for (const afterMs of [0, 10, 20]) {
    const { written, exchange } = refuse(since + afterMs);
    assert.match(written.join(''), /^HTTP\/1\.1 503 Service Unavailable\r\n[^]*Retry-After: 1\r\n[^]*\r\n\r\n503 Service Unavailable\n$/);
    assert.equal(exchange.state, 'ended');
  }
  assert.deepEqual(lines, ['503: the queue is full (queue-limit = 1)']);
  refusals.tell(since + 9_999);
  assert.equal(lines.length, 1);
  refusals.tell(since + 10_000);
  refusals.tell(since + 10_000);
  assert.deepEqual(lines.slice(1), ['[gateway] 2 more 503: the queue was full']);
});

test('after a while without refusals the next one is told at once, with its request', () => {
  const { lines, refusals, refuse, since } = fullQueue();
  refuse(since);
  refusals.tell(since + 10_000);
  refuse(since + 10_001);
  assert.deepEqual(lines, Array(2).fill('503: the queue is full (queue-limit = 1)'));
});

test('a client shall come again after as long as the oldest has waited', () => {
  const { refuse, since } = fullQueue();
  assert.match(refuse(since + 12_300).written.join(''), /\r\nRetry-After: 13\r\n/);
});

for (const { ageMs, seconds } of [
  { ageMs: 0, seconds: 1 },
  { ageMs: 1001, seconds: 2 },
  { ageMs: 59_000, seconds: 59 },
  { ageMs: 3_600_000, seconds: 60 },
]) {
  test(`Retry-After is ${seconds} when the oldest has waited ${ageMs} ms`, () => {
    assert.equal(retryAfter(ageMs), `Retry-After: ${seconds}\r\n`);
  });
}
