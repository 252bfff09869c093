import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Http2Head, Http2Response } from '../../../../src/core/protocol/http2/response.ts';

interface Given {
  readonly head?: string;
  readonly status?: number;
  readonly body?: string;
  readonly length?: number;
  readonly isEnd?: boolean;
  readonly isHead?: boolean;
}

/** What is sent of the beginning of a response. */
function begin({ head = '200 OK\r\n', status = 200, body = '', length = -1, isEnd = true, isHead = false }: Given) {
  const heads: Http2Head[] = [];
  const response = new Http2Response(isHead, (sent) => heads.push(sent));
  const bytes = Buffer.from(head + body, 'latin1');
  const piece = response.begin({
    status,
    contentLength: length,
    bytes,
    headStart: 0,
    bodyStart: head.length,
    bodyEnd: bytes.length,
    isEnd,
  });
  const [sent] = heads;
  assert.ok(sent !== undefined && heads.length === 1);
  return { response, ...sent, fields: { ...sent.fields }, piece: piece.toString() };
}

describe('the head of a response', () => {
  test('has its fields by names in small letters, and the length of a body that is all here', () => {
    const { status, fields, isAll, piece } = begin({ head: '200 OK\r\nX-A: 1 \r\nContent-Type:text/plain\r\n', body: 'hello' });
    assert.deepEqual(
      [status, fields, isAll, piece],
      [200, { 'x-a': '1', 'content-type': 'text/plain', 'content-length': '5' }, false, 'hello'],
    );
  });

  test('is all there is where there is no body', () => {
    assert.deepEqual(
      [begin({}).isAll, begin({ isEnd: false }).isAll, begin({ status: 204, isEnd: false, body: 'x' }).isAll],
      [true, false, true],
    );
  });

  test('leaves out what belongs to a connection, also what Connection names', () => {
    const head =
      '200 OK\r\nConnection: keep-alive, X-Hop\r\nKeep-Alive: 5\r\nTransfer-Encoding: chunked\r\nX-Hop: 1\r\nX-A: 1\r\nUpgrade: h2c\r\n';
    assert.deepEqual(begin({ head, isEnd: false }).fields, { 'x-a': '1' });
  });

  test('keeps cookies apart, and joins what comes several times', () => {
    const head = '200 OK\r\nSet-Cookie: a=1\r\nVary: A\r\nset-cookie: b=2\r\nVARY: B\r\nContent-Length: 0\r\nContent-Length: 0\r\n';
    assert.deepEqual(begin({ head, length: 0 }).fields, { vary: 'A, B', 'content-length': '0', 'set-cookie': ['a=1', 'b=2'] });
  });

  test('has no field that is none', () => {
    assert.deepEqual(
      begin({ head: '200 OK\r\n:status: 404\r\n__proto__: x\r\n: y\r\nTwo Words: z\r\n', isEnd: false }).fields,
      Object.fromEntries([['__proto__', 'x']]),
    );
  });

  for (const status of [101, 600, 999]) {
    test(`of status ${String(status)} is a 502`, () => assert.equal(begin({ status }).status, 502));
  }
});

describe('the body of a response', () => {
  for (const { what, given } of [
    { what: 'to HEAD', given: { isHead: true } },
    { what: 'of 204', given: { status: 204 } },
    { what: 'of 205', given: { status: 205 } },
    { what: 'of 304', given: { status: 304 } },
  ]) {
    test(`${what} is left out, and nobody misses it`, () => {
      const { response, piece, isAll, fields } = begin({
        ...given,
        body: 'not for you',
        length: 20,
        head: '200 OK\r\nContent-Length: 20\r\n',
        isEnd: false,
      });
      assert.deepEqual([piece, isAll, fields], ['', true, { 'content-length': '20' }]);
      assert.deepEqual([response.body(Buffer.from('nor this'), 0, 8), response.isCut], [[], false]);
    });
  }

  test('that is longer than it said is cut there', () => {
    const { response, piece } = begin({ body: 'abc', length: 5, isEnd: false });
    assert.equal(piece, 'abc');
    assert.deepEqual(response.body(Buffer.from('xdefx'), 1, 5).map(String), ['de']);
    assert.deepEqual([response.body(Buffer.from('more'), 0, 4), response.isCut], [[], false]);
  });

  test('that is shorter than it said is seen to be', () => {
    assert.equal(begin({ body: 'abc', length: 5 }).response.isCut, true);
  });

  test('of unknown length is whole whenever it ends', () => {
    const { response, fields } = begin({ body: 'abc', isEnd: false });
    assert.deepEqual([response.isCut, fields, response.end().length], [false, {}, 0]);
  });
});
