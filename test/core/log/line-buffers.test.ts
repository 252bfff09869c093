import assert from 'node:assert/strict';
import { openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLineBuffers, gatewayCounter, LineBuffers } from '../../../src/core/log/line-buffers.ts';
import { tempDir } from '../../helpers/temp.ts';

const SIZE = 16_384;

test('what a worker left is given once, for its slots alone', (t) => {
  const layout = { path: join(tempDir(t), 'line-buffers'), slots: 8 };
  createLineBuffers(layout);
  assert.equal(statSync(layout.path).size, 9 * SIZE, 'one more, for the gateway');
  const fd = openSync(layout.path, 'r+');
  const put = (slot: number, lines: string, written = '') => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(Buffer.byteLength(written + lines));
    head.writeUInt32LE(written.length, 8);
    writeSync(fd, Buffer.concat([head, Buffer.from(`${written}${lines}later`)]), 0, null, slot * SIZE);
  };
  put(2, 'before\n');
  put(3, 'one\ntwo é\n');
  put(4, '', 'written already\n');
  put(5, 'three\n', 'this, too\n');
  const buffers = new LineBuffers(layout);
  assert.deepEqual(buffers.takeFrom({ seat: 3, threads: 3 }), ['one\ntwo é', 'three']);
  assert.deepEqual(buffers.takeFrom({ seat: 3, threads: 3 }), []);
  assert.deepEqual(buffers.takeFrom({ seat: 2, threads: 1 }), ['before']);
});

test('lines that the log did not take are counted for workers and gateways, whoever they were', (t) => {
  const layout = { path: join(tempDir(t), 'line-buffers'), slots: 8 };
  createLineBuffers(layout);
  const buffers = new LineBuffers(layout);
  gatewayCounter(layout)(5);
  gatewayCounter(layout)(2);
  assert.equal(buffers.dropped, 7);
  const fd = openSync(layout.path, 'r+');
  for (const slot of [0, 3, 4]) writeSync(fd, Buffer.from([0, 0, 0, 0, 10, 1, 0, 0]), 0, null, slot * SIZE);
  buffers.note(4);
  assert.equal(buffers.dropped, 7 + 2 * 266);
});

test('a gateway needs no further descriptor to count', (t) => {
  const layout = { path: join(tempDir(t), 'line-buffers'), slots: 8 };
  createLineBuffers(layout);
  const buffers = new LineBuffers(layout);
  const count = gatewayCounter(layout);
  rmSync(layout.path);
  count(3);
  assert.equal(buffers.dropped, 3);
});
