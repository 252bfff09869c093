import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planSharing } from '../../../src/core/plan/sharing.ts';
import { optionsOf } from '../../helpers/plan.ts';

const sharingOf = (...words: string[]) => planSharing(optionsOf(words), '/srv');

describe('what workers share', () => {
  test('is nothing unless somebody asks for it', () => {
    assert.deepEqual(sharingOf(), { caches: [], firstItems: [], metrics: undefined });
  });

  test('the older cache comes first', () => {
    const { caches } = sharingOf('--cache2', 'name=b,items=2', '--cache', '5', '--cache-blocksize', '1K', '--cache-store', 'c');
    assert.deepEqual(
      caches.map(({ name, items, blocks, blockSize, store }) => ({ name, items, blocks, blockSize, store })),
      [
        { name: 'default', items: 5, blocks: 5, blockSize: 1024, store: '/srv/c' },
        { name: 'b', items: 2, blocks: 2, blockSize: 65_536, store: undefined },
      ],
    );
  });

  test('nothing expires in any cache where that is wanted', () => {
    const { caches } = sharingOf('--cache-no-expire', '--cache2', 'name=a,items=1', '--cache2', 'name=b,items=1');
    assert.deepEqual(
      caches.map(({ neverExpires }) => neverExpires),
      [true, true],
    );
  });

  test('files are seen from where the server works', () => {
    const { firstItems } = sharingOf('--cache', '5', '--load-file-in-cache', 'a.html', '--add-cache-item', 'default a=b');
    assert.deepEqual(firstItems, [
      { cache: undefined, key: 'a.html', path: '/srv/a.html' },
      { cache: 'default', key: 'a', value: 'b' },
    ]);
  });

  test('metrics are there with the first one, or when they are enabled', () => {
    assert.deepEqual(sharingOf('--enable-metrics').metrics, []);
    assert.deepEqual(
      sharingOf('--metric', 'jobs').metrics?.map(({ name }) => name),
      ['jobs'],
    );
  });

  for (const { words, message } of [
    { words: ['--cache2', 'name=a,items=1', '--cache2', 'name=a,items=2'], message: 'cache2 declares "a" twice' },
    {
      words: ['--cache2', 'name=a,items=1,store=/a', '--cache2', 'name=b,items=1,store=/srv/../a'],
      message: 'store of cache2 declares "/a" twice',
    },
    { words: ['--metric', 'a', '--metric', 'name=a'], message: 'metric declares "a" twice' },
    { words: ['--add-cache-item', 'a=b'], message: 'there is no cache for a' },
    { words: ['--cache', '5', '--add-cache-item', 'pages a=b'], message: 'there is no cache "pages" for a' },
    {
      words: Array.from({ length: 1025 }, (_, index) => ['--metric', `m${String(index)}`]).flat(),
      message: 'there is room for 1024 metrics',
    },
  ])
    test(`is refused: ${message}`, () => {
      assert.throws(() => sharingOf(...words), { code: 'TSU_PLAN', message });
    });
});
