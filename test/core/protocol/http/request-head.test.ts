import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ProtocolError } from '../../../../src/core/errors/protocol.ts';
import { HeadReader } from '../../../../src/core/protocol/http/head-reader.ts';
import { readBody, type BodyReader } from '../../../../src/core/protocol/http/request-body.ts';
import { RequestHeadParser, type RequestHead } from '../../../../src/core/protocol/http/request-head.ts';
import { marshalKey, MarshalWriter } from '../../../../src/core/wire/marshal.ts';
import { readMarshal } from '../../../helpers/packets.ts';

/** Each request is a file of raw bytes beside one of what is expected; see test/fixtures/requests/README.md. */
const REQUESTS = 'test/fixtures/requests/http';
const BUFFER_SIZE = 8192;

interface Valid {
  readonly environ: Record<string, string>;
  readonly isPersistent: boolean;
  readonly body?: string;
  readonly rest?: string;
}

interface Invalid {
  readonly status: number;
  readonly message: string;
}

describe('a valid request', () => {
  for (const { name, bytes, expected } of fixtures('valid')) {
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
  for (const { name, bytes, expected } of fixtures('invalid')) {
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

interface Read {
  readonly environ: Record<string, string>;
  readonly isPersistent: boolean;
  readonly body: string;
  readonly rest: string;
}

/** Reads one request as a connection does. */
function read(chunks: readonly Buffer[], parser = new RequestHeadParser(BUFFER_SIZE, marshalKey)): Read {
  const reader = new HeadReader(parser);
  const environ = new MarshalWriter();
  const pieces: Buffer[] = [];
  let head: RequestHead | undefined;
  let body: BodyReader | undefined;
  let rest = '';
  const readMore = (chunk: Buffer) => {
    if (chunk.length === 0 || !body) return;
    const used = body.push(chunk, (piece) => pieces.push(Buffer.from(piece)));
    rest += chunk.toString('latin1', used);
  };
  for (const chunk of chunks) {
    if (body) {
      readMore(chunk);
      continue;
    }
    head = reader.push(chunk);
    if (!head) continue;
    environ.begin();
    parser.writeEnviron(environ);
    body = readBody(head.body);
    readMore(reader.rest);
  }
  assert.ok(head && body?.isComplete, 'the request is complete');
  return { environ: readMarshal(environ.end()), isPersistent: head.isPersistent, body: Buffer.concat(pieces).toString('latin1'), rest };
}

function eachByte(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte));
}

interface Expectations {
  readonly valid: Valid;
  readonly invalid: Invalid;
}

function fixtures<Folder extends keyof Expectations>(folder: Folder): { name: string; bytes: Buffer; expected: Expectations[Folder] }[] {
  const files = readdirSync(`${REQUESTS}/${folder}`).filter((file) => file.endsWith('.http'));
  return files.map((file) => {
    const name = file.slice(0, -'.http'.length);
    const expected = JSON.parse(readFileSync(`${REQUESTS}/${folder}/${name}.json`, 'utf8')) as Expectations[Folder];
    return { name, bytes: readFileSync(`${REQUESTS}/${folder}/${file}`), expected };
  });
}
