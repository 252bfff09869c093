import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBody } from '../../../../src/core/protocol/http/request-body.ts';

const CHUNKED = { kind: 'chunked' } as const;

describe('the size of a body', () => {
  test('may be limit-post to the byte', () => {
    const body = readBody({ kind: 'length', length: 10 }, 10);
    assert.equal(
      body.push(Buffer.alloc(10), () => undefined),
      10,
    );
    assert.ok(body.isComplete);
  });

  test('is refused before anything is read when it is one byte more', () => {
    assert.throws(() => readBody({ kind: 'length', length: 11 }, 10), {
      status: 413,
      message: 'a body of 11 bytes; limit-post allows 10',
      suggestions: ['set limit-post = 11 or more'],
    });
  });

  test('counts all chunks, and is refused when one is announced that is too much', () => {
    const body = readBody(CHUNKED, 10);
    let taken = 0;
    const push = (text: string) => body.push(Buffer.from(text), (piece) => (taken += piece.length));
    push('6\r\nsix !!\r\n4\r\nfour\r\n');
    assert.throws(() => push('1\r\n'), { status: 413, message: 'a body of 11 bytes; limit-post allows 10' });
    assert.equal(taken, 10);
  });

  test('has no limit of its own', () => {
    readBody({ kind: 'length', length: Number.MAX_SAFE_INTEGER });
    readBody(CHUNKED).push(Buffer.from('ffffffffffff\r\n'), () => undefined);
  });
});
