import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { listenLimit } from '../../../src/core/util/listen-limit.ts';
import { tempDir } from '../../helpers/temp.ts';

test('the limit is what the system tells', (t) => {
  assert.equal(listenLimit(join(tempDir(t, { somaxconn: '128\n' }), 'somaxconn')), 128);
});

test('a system that does not tell has none', () => {
  assert.equal(listenLimit('/nowhere/somaxconn'), undefined);
});
