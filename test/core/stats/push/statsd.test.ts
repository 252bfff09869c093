import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NamedFigure } from '../../../../src/core/stats/named-figures.ts';
import { Increases, packets, statsdLine } from '../../../../src/core/stats/push/statsd.ts';

const counter = (value: number, name = 'requests'): NamedFigure => ({
  of: [
    ['worker', '1'],
    ['core', '0'],
  ],
  name,
  type: 'counter',
  value,
});
const gauge = (value: number): NamedFigure => ({ of: [], name: 'core.queue', type: 'gauge', value });

test('each dialect has its own line', () => {
  assert.equal(statsdLine(counter(3), 'statsd', 'app'), 'app.worker.1.core.0.requests:3|c');
  assert.equal(statsdLine(gauge(2), 'statsd', 'app'), 'app.core.queue:2|g');
  assert.equal(statsdLine(counter(3), 'dogstatsd', 'app'), 'app.worker.core.requests:3|c|#worker:1,core:0');
  assert.equal(statsdLine(gauge(2), 'dogstatsd', 'app'), 'app.core.queue:2|g');
  assert.equal(statsdLine(counter(3), 'socket', 'app'), 'app.worker.1.core.0.requests 0 3');
  assert.equal(statsdLine(gauge(2), 'socket', 'app'), 'app.core.queue 1 2');
});

test('a name cannot forge another line', () => {
  assert.equal(statsdLine(counter(1, 'a\nb:9|c#@'), 'statsd', 'x'), 'x.worker.1.core.0.a_b_9_c__:1|c');
});

test('counters are sent as what they grew by, also when their worker began anew', () => {
  const increases = new Increases();
  const values = [4, 4, 9, 2].map((value) => increases.of([counter(value), gauge(value)]).map((figure) => figure.value));
  assert.deepEqual(values, [[4, 4], [4], [5, 9], [2, 2]]);
});

test('as many lines as fit go into a datagram', () => {
  const lines = Array.from({ length: 100 }, (_, index) => `${'n'.repeat(40)}${index}:1|c`);
  const sent = packets(lines);
  assert.ok(sent.length > 1);
  assert.ok(sent.every((packet) => packet.length <= 1432));
  assert.ok(sent.slice(0, -1).every((packet) => packet.length > 1380));
  assert.deepEqual(sent.join('\n').split('\n'), lines);
  assert.deepEqual(packets([]), []);
});
