import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { SAME_USER } from '../../../src/core/master/privileges.ts';
import { placeSharing, removeUnused, takeSharing } from '../../../src/core/master/sharing.ts';
import { planSharing } from '../../../src/core/plan/sharing.ts';
import { tempDir } from '../../helpers/temp.ts';
import { optionsOf } from '../../helpers/plan.ts';

const sharingOf = (...words: string[]) => planSharing(optionsOf(words), '/srv');

function makePlace(t: TestContext) {
  const path = tempDir(t);
  const shared: string[] = [];
  return {
    directory: { path, remove: () => undefined },
    children: { ...SAME_USER, share: (file: string) => void shared.push(file) },
    shared,
  };
}

describe('caches in the runtime directory', () => {
  test('are empty files of the children until a spawner comes', (t) => {
    const place = makePlace(t);
    const { caches, metrics } = placeSharing(sharingOf('--cache2', 'name=a,items=5', '--metric', 'm'), place);
    const paths = [...caches.map(({ path }) => path), metrics?.path ?? ''];
    assert.deepEqual(paths, place.shared);
    for (const path of paths) assert.deepEqual([statSync(path).size, statSync(path).mode & 0o777], [0, 0o600]);
  });

  test('are those of the generation before, unless their sizes are others', (t) => {
    const place = makePlace(t);
    const [before] = placeSharing(sharingOf('--cache2', 'name=a,items=5'), place).caches;
    writeFileSync(before?.path ?? '', 'content');
    const [same, another] = placeSharing(sharingOf('--cache2', 'name=a,items=5,purge_lru=1', '--cache2', 'name=b,items=5'), place).caches;
    assert.equal(same?.path, before?.path);
    assert.equal(statSync(same?.path ?? '').size, 7);
    assert.notEqual(another?.path, same?.path);
    const plan = sharingOf('--cache2', 'name=a,items=6');
    const [larger] = placeSharing(plan, place).caches;
    assert.equal(readdirSync(place.directory.path).length, 3, 'the reload may fail');
    removeUnused(plan, place);
    assert.deepEqual(readdirSync(place.directory.path), [larger?.path.split('/').at(-1)], 'what nobody has any more is taken away');
    assert.equal(statSync(larger?.path ?? '').size, 0);
  });

  test('a store is left to the spawner', (t) => {
    const place = makePlace(t);
    const store = join(place.directory.path, 'store');
    const [cache] = placeSharing(sharingOf('--cache2', `name=a,items=5,store=${store},store_delete=1`), place).caches;
    assert.deepEqual([cache?.path, cache?.isKept, cache?.replaces, existsSync(store)], [store, true, true, false]);
  });

  test('statistics have zeros and first values before anybody has written', (t) => {
    const place = makePlace(t);
    const plan = sharingOf('--cache2', 'name=a,items=5', '--metric', 'name=m,initial_value=4');
    placeSharing(plan, place);
    const { caches, metrics } = takeSharing(plan, place);
    assert.deepEqual(
      caches.map(({ figures }) => figures),
      [{ items: 0, hits: 0, misses: 0, full: 0, changedAt: 0 }],
    );
    assert.deepEqual(metrics, [{ name: 'm', type: 'counter', oid: '', value: 4 }]);
  });
});
