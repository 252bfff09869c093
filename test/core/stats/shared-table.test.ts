import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { METRICS } from '../../../src/core/options/shared-option.ts';
import { readCacheFigures, readNumbers } from '../../../src/core/stats/shared-table.ts';
import { ROOT } from '../../helpers/paths.ts';
import { tempDir } from '../../helpers/temp.ts';

/** What the Python half writes there. */
function write(path: string, code: string): string {
  const head = `
import sys
from tsuwsgi.api.cache_file import open_cache_file
from tsuwsgi.api.cache_layout import Geometry
from tsuwsgi.api.cache_store import CacheStore, as_bytes
from tsuwsgi.api.metrics import GEOMETRY
`;
  return execFileSync('/usr/bin/python3', ['-c', head + code, path], {
    env: { PYTHONPATH: join(ROOT, 'python'), PYTHONDONTWRITEBYTECODE: '1' },
    encoding: 'utf8',
  });
}

test('figures of a cache are what its processes have counted', (t) => {
  const path = join(tempDir(t), 'cache');
  const printed = write(
    path,
    `
import os
geometry = Geometry(items=2, blocks=5, block_size=100, key_size=20, buckets=7)
store = CacheStore(open_cache_file(sys.argv[1], geometry), geometry)
store.set(b"a", b"x")
store.set(b"b", b"x")
try:
    store.set(b"c", b"x")
except Exception:
    pass
if os.fork() == 0:
    store.get(b"a")
    os._exit(0)
os.wait()
for key in (b"a", b"b", b"c"):
    store.get(key)
print(int(__import__("time").time()))
`,
  );
  const { changedAt, ...figures } = readCacheFigures(path);
  assert.deepEqual(figures, { items: 2, hits: 3, misses: 1, full: 1 });
  assert.ok(Math.abs(changedAt - Number(printed)) <= 2);
});

test('numbers are found by their names', (t) => {
  const path = join(tempDir(t), 'metrics');
  const items = write(
    path,
    `
store = CacheStore(open_cache_file(sys.argv[1], GEOMETRY), GEOMETRY)
for name, number in ((b"one", 1), (b"gone", 5), (b"negative.one", -(2**40))):
    store.set(name, as_bytes(number))
store.delete(b"gone")
print(GEOMETRY.items, GEOMETRY.key_size)
`,
  );
  assert.deepEqual([...readNumbers(path)].sort(), [
    ['negative.one', -(2 ** 40)],
    ['one', 1],
  ]);
  assert.equal(items.trim(), `${String(METRICS.items)} ${String(METRICS.keySize)}`, 'the twins agree how many there may be');
});

test('a file that nobody has made yet is empty', (t) => {
  const path = join(tempDir(t), 'none');
  assert.deepEqual(readCacheFigures(path), { items: 0, hits: 0, misses: 0, full: 0, changedAt: 0 });
  assert.equal(readNumbers(path).size, 0);
});
