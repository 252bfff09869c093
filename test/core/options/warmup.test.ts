import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseWarmup, pathOf } from '../../../src/core/options/warmup.ts';

describe('warmup', () => {
  test('is a path of this machine, or all of an address', () => {
    assert.deepEqual(parseWarmup('/shop/?page=1'), { text: '/shop/?page=1', scheme: 'http', host: 'localhost', target: '/shop/?page=1' });
    const text = 'HTTPS://example.com:8443/shop';
    assert.deepEqual(parseWarmup(text), { text, scheme: 'https', host: 'example.com:8443', target: '/shop' });
    assert.equal(parseWarmup('http://[::1]:80/').host, '[::1]:80');
  });

  test('is sent as a client sends it', () => {
    assert.equal(parseWarmup('/größe/%20x').target, '/gr%C3%B6%C3%9Fe/%20x');
    assert.equal(pathOf(parseWarmup('/größe/%20?y=%20')), Buffer.from('/größe/ ').toString('latin1'));
    assert.equal(pathOf(parseWarmup('/a%ff%2')), '/a\xff%2');
  });

  for (const text of ['', 'shop', 'https://example.com', 'ftp://example.com/', 'https://user@example.com/', '/a b', '/a#b', 'example.com/'])
    test(`is not "${text}"`, () => {
      assert.throws(
        () => parseWarmup(text),
        new RangeError('a path that begins with a slash, as in /shop/, or all of an address: https://example.com/shop/'),
      );
    });
});
