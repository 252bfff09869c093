import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CACHE_DEFAULTS, parseCache, parseFirstFile, parseFirstItem, parseMetric } from '../../../src/core/options/shared-option.ts';

const PAGES = { ...CACHE_DEFAULTS, name: 'pages', items: 10, blocks: 10 };

describe('a cache', () => {
  for (const { text, expected } of [
    { text: 'name=pages,items=10', expected: PAGES },
    { text: 'max_items=10,name=pages', expected: PAGES },
    {
      text: 'name=pages,items=1K,blocks=2000,blocksize=4K,keysize=100,hashsize=7',
      expected: { ...PAGES, items: 1024, blocks: 2000, blockSize: 4096, keySize: 100, buckets: 7 },
    },
    { text: 'name=pages,items=10,bitmap=1,no_expire=1', expected: { ...PAGES, spansBlocks: true, neverExpires: true } },
    { text: 'name=pages,items=10,purge_lru,ignore_full=1', expected: { ...PAGES, whenFull: 'purge', isQuiet: true } },
    { text: 'name=pages,items=10,purge_lru=1,clear_on_full=1', expected: { ...PAGES, whenFull: 'clear' } },
    { text: 'name=pages,items=10,bitmap=0,lru=false', expected: PAGES },
    { text: 'name=pages,items=10,store=a/b,store_delete=1', expected: { ...PAGES, store: 'a/b', storeDelete: true } },
    { text: 'name=pages,items=10,math_initial=5', expected: { ...PAGES, firstNumber: 5 } },
    { text: 'name=pages,items=10,hash=murmur2,lazy=1,lazy_expire=1,sweep_on_full=1,lastmod=1,store_sync=5', expected: PAGES },
  ])
    test(`${text} is understood`, () => {
      assert.deepEqual(parseCache(text), expected);
    });

  for (const { text, expected } of [
    { text: 'pages', expected: /one of name=, items=.* instead of "pages"/ },
    { text: 'name=pages', expected: /name=NAME,items=N/ },
    { text: 'items=10', expected: /name=NAME,items=N with a short name/ },
    { text: 'name=a@b,items=10', expected: /without "@"/ },
    { text: `name=${'ä'.repeat(30)},items=10`, expected: /short name/ },
    { text: 'name=pages,items=0', expected: /items=N with a whole number from 1/ },
    { text: 'name=pages,items=ten', expected: /items=N with a whole number from 1/ },
    { text: 'name=pages,items=4G', expected: /items=N with a whole number/ },
    { text: 'name=pages,items=10,blocks=9', expected: /blocks=10 or more/ },
    { text: 'name=pages,items=10,block=9', expected: /one of .*blocksize=.* instead of "block"/ },
    { text: 'name=pages,items=10,nodes=1.2.3.4:5', expected: /no "nodes=": caches of other servers are not reached/ },
    { text: 'name=pages,items=10,udp=:5', expected: /no "udp="/ },
  ])
    test(`${text} is refused`, () => {
      assert.throws(() => parseCache(text), { name: 'RangeError', message: expected });
    });
});

describe('what is in a cache from the start', () => {
  test('is understood', () => {
    assert.deepEqual(parseFirstItem('a=b=c'), { cache: undefined, key: 'a', value: 'b=c' });
    assert.deepEqual(parseFirstItem('pages a=b c'), { cache: 'pages', key: 'a', value: 'b c' });
    assert.deepEqual(parseFirstFile('/srv/a'), { cache: undefined, key: '/srv/a', path: '/srv/a' });
    assert.deepEqual(parseFirstFile('pages a.html'), { cache: 'pages', key: 'a.html', path: 'a.html' });
  });

  test('is refused in another form', () => {
    for (const text of ['a', '=b', 'a=']) assert.throws(() => parseFirstItem(text), { message: '[CACHE ]KEY=VALUE' });
    for (const text of ['', 'a b c']) assert.throws(() => parseFirstFile(text), { message: '[CACHE ]PATH' });
  });
});

describe('a metric', () => {
  test('is understood by its name alone and with what belongs to it', () => {
    assert.deepEqual(parseMetric('jobs.done'), { name: 'jobs.done', type: 'counter', oid: '', initial: 0 });
    assert.deepEqual(parseMetric('name=jobs,type=gauge,oid=1.2,initial_value=7,freq=3'), {
      name: 'jobs',
      type: 'gauge',
      oid: '1.2',
      initial: 7,
    });
  });

  for (const { text, expected } of [
    { text: 'a b', expected: /letters, digits/ },
    { text: 'type=gauge', expected: /NAME or name=NAME/ },
    { text: 'name=a,type=alias', expected: /type=counter, type=gauge, type=absolute/ },
    { text: 'name=a,collector=file,arg1=/proc/loadavg', expected: /no "collector=": a metric is what the application makes of it/ },
    { text: 'name=a,unit=s', expected: /instead of "unit"/ },
  ])
    test(`${text} is refused`, () => {
      assert.throws(() => parseMetric(text), { name: 'RangeError', message: expected });
    });
});
