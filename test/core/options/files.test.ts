import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cautionMapping, parseLifetime, parseMapping, parseTypeLifetime } from '../../../src/core/options/files.ts';

describe('a mapping', () => {
  test('is a path of the site and a folder, which may hold an equals sign', () => {
    assert.deepEqual(parseMapping('/s=/srv/a=b'), { prefix: '/s', target: '/srv/a=b' });
  });

  test('without a path is for all of the site', () => assert.deepEqual(parseMapping('=/srv'), { prefix: '', target: '/srv' }));

  for (const text of ['', '/s', '/s=']) {
    test(`is not ${JSON.stringify(text)}`, () => assert.throws(() => parseMapping(text), RangeError));
  }

  test('that can match nothing is remarked upon', () => {
    assert.match(cautionMapping('static=/srv') ?? '', /write "\/static=\/srv"/);
    assert.equal(cautionMapping('/static=/srv'), undefined);
    assert.equal(cautionMapping('=/srv'), undefined);
  });
});

describe('a time until files expire', () => {
  test('comes behind an expression, which may hold blanks', () => {
    assert.deepEqual(parseLifetime('\\.css$ 3600'), { pattern: '\\.css$', seconds: 3600 });
    assert.deepEqual(parseLifetime('my file\\.css 60'), { pattern: 'my file\\.css', seconds: 60 });
  });

  for (const text of ['', '60', '.css', '.css -1', '( 60', '.css 1h']) {
    test(`is not ${JSON.stringify(text)}`, () => assert.throws(() => parseLifetime(text), RangeError));
  }

  test('comes behind a type and an equals sign', () => {
    assert.deepEqual(parseTypeLifetime('text/css=300'), { pattern: 'text/css', seconds: 300 });
  });

  for (const text of ['', 'text/css', 'text/css 300', '=300', 'text/css=']) {
    test(`of a type is not ${JSON.stringify(text)}`, () => assert.throws(() => parseTypeLifetime(text), RangeError));
  }
});
