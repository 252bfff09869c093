import assert from 'node:assert/strict';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLineBuffers, gatewayCounter, LineBuffers } from '../../../src/core/log/line-buffers.ts';
import { LINE_BUFFER, leaveLines } from '../../helpers/line-buffers.ts';
import { tempDir } from '../../helpers/temp.ts';

test('what a worker left is given once, for its slots alone', (t) => {
  const layout = { path: join(tempDir(t), 'line-buffers'), slots: 8, gateways: 1 };
  createLineBuffers(layout);
  assert.equal(statSync(layout.path).size, 9 * LINE_BUFFER, 'one more, for the gateway');
  leaveLines(layout.path, 2, { lines: 'before\n' });
  leaveLines(layout.path, 3, { lines: 'one\ntwo é\n' });
  leaveLines(layout.path, 4, { written: 'written already\n' });
  leaveLines(layout.path, 5, { lines: 'three\n', written: 'this, too\n' });
  const buffers = new LineBuffers(layout);
  assert.deepEqual(buffers.takeFrom({ seat: 3, threads: 3 }), ['one\ntwo é', 'three']);
  assert.deepEqual(buffers.takeFrom({ seat: 3, threads: 3 }), []);
  assert.deepEqual(buffers.takeFrom({ seat: 2, threads: 1 }), ['before']);
});

test('lines that the log did not take are counted for workers and gateways, whoever they were', (t) => {
  const layout = { path: join(tempDir(t), 'line-buffers'), slots: 8, gateways: 1 };
  createLineBuffers(layout);
  const buffers = new LineBuffers(layout);
  gatewayCounter(layout)(5);
  gatewayCounter(layout)(2);
  assert.equal(buffers.dropped, 7);
  for (const slot of [0, 3, 4]) leaveLines(layout.path, slot, { dropped: 266 });
  buffers.note(4);
  assert.equal(buffers.dropped, 7 + 2 * 266);
});

test('each of several gateways counts in a place of its own', (t) => {
  const layout = { path: join(tempDir(t), 'line-buffers'), slots: 8, gateways: 2 };
  createLineBuffers(layout);
  assert.equal(statSync(layout.path).size, 10 * LINE_BUFFER);
  const buffers = new LineBuffers(layout);
  gatewayCounter(layout)(5);
  gatewayCounter({ ...layout, slots: 9 })(2);
  assert.equal(buffers.dropped, 7);
});

test('a gateway needs no further descriptor to count', (t) => {
  const layout = { path: join(tempDir(t), 'line-buffers'), slots: 8, gateways: 1 };
  createLineBuffers(layout);
  const buffers = new LineBuffers(layout);
  const count = gatewayCounter(layout);
  rmSync(layout.path);
  count(3);
  assert.equal(buffers.dropped, 3);
});
