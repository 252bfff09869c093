import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseReceiver, receiverIn } from '../../../src/core/options/receiver.ts';

test('a host and a port where somebody listens', () => {
  assert.deepEqual(parseReceiver('graphite:2003'), { host: 'graphite', port: 2003 });
  assert.deepEqual(parseReceiver('[fe80::1%eth0]:514'), { host: 'fe80::1%eth0', port: 514 });
});

test('anything else is none', () => {
  for (const text of ['', 'graphite', ':2003', 'a b:1', 'graphite:x', 'graphite:0', 'graphite:70000', '::1:514', '/run/log']) {
    assert.equal(receiverIn(text), undefined, text);
    assert.throws(() => parseReceiver(text), { name: 'RangeError', message: 'the HOST:PORT where somebody listens' }, text);
  }
});
