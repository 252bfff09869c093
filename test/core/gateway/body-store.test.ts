import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import test from 'node:test';
import { BodyStore } from '../../../src/core/gateway/body-store.ts';

const MEGABYTE = 1024 * 1024;

test('a body has so much memory, and all together have 64 MB', () => {
  const store = new BodyStore({ bodyMemory: 40 * MEGABYTE, bodyDirectory: undefined }, 100);
  assert.ok(store.reserve(0, 40 * MEGABYTE));
  assert.ok(!store.reserve(40 * MEGABYTE, 1));
  assert.ok(!store.reserve(0, 24 * MEGABYTE + 1));
  assert.ok(store.reserve(0, 24 * MEGABYTE));
  store.giveBack(1);
  assert.ok(store.reserve(0, 1));
});

test('goes by what it was told last', () => {
  const store = new BodyStore({ bodyMemory: 10, bodyDirectory: '/one' }, 100);
  const error = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  assert.ok(store.isCollecting);
  assert.match(store.failure(error).message, /^its body cannot be kept in \/one \(ENOSPC.*make room there, bound bodies with limit-post/);
  assert.equal(store.failure(error).status, 507);
  store.follow({ bodyMemory: 0, bodyDirectory: undefined });
  assert.ok(!store.isCollecting);
  assert.match(store.failure(error).message, new RegExp(`kept in ${tmpdir()} `));
});
