import assert from 'node:assert/strict';
import { openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLineBuffers, LineBuffers } from '../../../src/core/log/line-buffers.ts';
import { tempDir } from '../../helpers/temp.ts';

const SIZE = 4096;

test('what a worker left is given once, for its slots alone', (t) => {
  const layout = { path: join(tempDir(t), 'line-buffers'), slots: 8 };
  createLineBuffers(layout);
  assert.equal(statSync(layout.path).size, 8 * SIZE);
  const fd = openSync(layout.path, 'r+');
  const put = (slot: number, lines: string) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(Buffer.byteLength(lines));
    writeSync(fd, Buffer.concat([size, Buffer.from(`${lines}later`)]), 0, null, slot * SIZE);
  };
  put(2, 'before\n');
  put(3, 'one\ntwo é\n');
  put(5, 'three\n');
  const buffers = new LineBuffers(layout);
  assert.deepEqual(buffers.takeFrom({ seat: 3, threads: 3 }), ['one\ntwo é', 'three']);
  assert.deepEqual(buffers.takeFrom({ seat: 3, threads: 3 }), []);
  assert.deepEqual(buffers.takeFrom({ seat: 2, threads: 1 }), ['before']);
});
