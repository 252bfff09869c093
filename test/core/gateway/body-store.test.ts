import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import test from 'node:test';
import { fakeStore } from './fake-store.ts';

const MEGABYTE = 1024 * 1024;
const IGNORED = { written: () => undefined, failed: () => undefined };

test('a body has so much memory, and all together have 64 MB', () => {
  const { store } = fakeStore({ bodyMemory: 40 * MEGABYTE });
  assert.ok(store.reserve(0, 40 * MEGABYTE));
  assert.ok(!store.reserve(40 * MEGABYTE, 1));
  assert.ok(!store.reserve(0, 24 * MEGABYTE + 1));
  assert.ok(store.reserve(0, 24 * MEGABYTE));
  store.giveBack(1);
  assert.ok(store.reserve(0, 1));
});

test('a response has so much of the disk, and all together have their part', () => {
  const { store } = fakeStore({ responseKept: 10, responsesKept: 15 });
  assert.ok(store.hasRoom(0));
  store.keep(9);
  assert.ok(store.hasRoom(9));
  store.keep(1);
  assert.ok(!store.hasRoom(10));
  store.keep(5);
  assert.ok(!store.hasRoom(0));
  store.drop(10);
  assert.ok(store.hasRoom(5));
});

test('a response has no file where there are too many, and goes on with the one that it has', () => {
  const { store } = fakeStore({}, 4);
  const file = store.open(IGNORED);
  assert.deepEqual([store.hasRoom(0), store.hasRoom(1)], [false, true]);
  file.close();
  store.closed();
  assert.ok(store.hasRoom(0));
});

test('goes by what it was told last', () => {
  const { store, told } = fakeStore({ bodyMemory: 10, bodyDirectory: '/one' });
  const error = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  assert.ok(store.isCollecting);
  assert.match(store.failure(error).message, /^its body cannot be kept in \/one \(ENOSPC.*make room there, bound bodies with limit-post/);
  assert.equal(store.failure(error).status, 507);
  store.follow({ bodyMemory: 0, bodyDirectory: undefined, responseKept: 0, responsesKept: 10 });
  assert.ok(!store.isCollecting);
  assert.ok(!store.hasRoom(0));
  assert.match(store.failure(error).message, new RegExp(`kept in ${tmpdir()} `));
  store.refused(error);
  assert.match(
    told[0] ?? '',
    new RegExp(`^a response cannot be kept in ${tmpdir()} \\(ENOSPC.*its worker waits.*http-post-buffering-dir$`),
  );
});
