import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProtocolError } from '../../../../src/core/errors/protocol.ts';
import { HeadReader } from '../../../../src/core/protocol/http/head-reader.ts';
import { RequestHeadParser } from '../../../../src/core/protocol/http/request-head.ts';
import { marshalKey } from '../../../../src/core/wire/marshal.ts';
import { eachByte, requestFixtures } from '../../../helpers/requests.ts';
import { readRequest } from './read-request.ts';

const BUFFER_SIZE = 8192;

describe('a valid request', () => {
  for (const { name, bytes, expected } of requestFixtures('http', 'valid')) {
    const wanted = { environ: expected.environ, isPersistent: expected.isPersistent, body: expected.body ?? '' };

    test(`${name}, in one chunk`, () => {
      const { rest, ...request } = read([bytes]);
      assert.deepEqual(request, wanted);
      assert.equal(rest, expected.rest ?? '');
    });

    test(`${name}, byte by byte`, () => {
      const { rest: _, ...request } = read(eachByte(bytes));
      assert.deepEqual(request, wanted);
    });
  }
});

describe('an invalid request', () => {
  for (const { name, bytes, expected } of requestFixtures('http', 'invalid')) {
    test(`${name}, in one chunk`, () => {
      assert.throws(() => read([bytes]), { constructor: ProtocolError, ...expected });
    });

    test(`${name}, byte by byte`, () => {
      // The reason may differ: a bare line feed is seen where it is, and not when the head is complete.
      assert.throws(() => read(eachByte(bytes)), { constructor: ProtocolError, status: expected.status });
    });
  }
});

describe('the size of a head', () => {
  const head = (size: number) => {
    const start = 'GET / HTTP/1.1\r\nHost: a\r\nX: ';
    return Buffer.from(`${start}${'x'.repeat(size - start.length - 4)}\r\n\r\n`);
  };

  test('may be buffer-size to the byte', () => {
    assert.equal(read([head(BUFFER_SIZE)]).environ['HTTP_HOST'], 'a');
    assert.equal(read(eachByte(head(BUFFER_SIZE))).environ['HTTP_HOST'], 'a');
  });

  test('is refused when it is one byte more', () => {
    assert.throws(() => read([head(BUFFER_SIZE + 1)]), {
      status: 431,
      suggestions: [`set buffer-size = ${String(BUFFER_SIZE + 1)} or more`],
    });
  });

  test('is refused before it is complete', () => {
    assert.throws(() => read([head(2 * BUFFER_SIZE).subarray(0, BUFFER_SIZE + 1)]), { status: 431 });
  });

  test('is refused with 414 when not even the request line fits', () => {
    assert.throws(() => read([Buffer.from(`GET /${'x'.repeat(BUFFER_SIZE)}`)]), { status: 414 });
  });
});

test('names of one request do not leak into the next', () => {
  const parser = new RequestHeadParser(BUFFER_SIZE, marshalKey);
  read([Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nX-A: 2\r\n\r\n')], parser);
  const { environ } = read([Buffer.from('GET / HTTP/1.1\r\nHost: b\r\nX-A: 3\r\n\r\n')], parser);
  assert.equal(environ['HTTP_X_A'], '3');
  assert.equal(environ['HTTP_HOST'], 'b');
});

test('clients that invent names do not make the server forget how to read them', () => {
  const parser = new RequestHeadParser(BUFFER_SIZE, marshalKey);
  for (let request = 0; request < 40; request++) {
    const names = Array.from({ length: 100 }, (_, index) => `X-${String(request)}-${String(index)}`);
    const { environ } = read(
      [Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${names.map((name) => `${name}: ${name}\r\n`).join('')}\r\n`)],
      parser,
    );
    assert.equal(environ[`HTTP_X_${String(request)}_99`], `X-${String(request)}-99`);
  }
});

describe('the description of a request', () => {
  const describeHead = (text: string) => {
    const reader = new HeadReader(new RequestHeadParser(BUFFER_SIZE, marshalKey));
    try {
      reader.push(Buffer.from(text, 'latin1'));
    } catch {
      // Only what can be said of it matters here.
    }
    return reader.describe();
  };

  test('is its method and target', () => {
    assert.equal(describeHead('\r\nGET /a?b HTTP/1.1\r\nHost: a\r\n\r\n'), 'GET /a?b');
  });

  test('cannot break a log line', () => {
    assert.equal(describeHead('GET /"\x1b[2J\\ HTTP/1.1\r\n\r\n'), 'GET /\\x22\\x1b[2J\\x5c');
  });
});

/** Reads one request, which has to be complete. */
function read(chunks: readonly Buffer[], parser = new RequestHeadParser(BUFFER_SIZE, marshalKey)) {
  const { isComplete, ...request } = readRequest(chunks, parser);
  assert.ok(isComplete, 'the request is complete');
  return request;
}
