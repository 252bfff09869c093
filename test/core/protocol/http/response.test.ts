import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dateLine } from '../../../../src/core/protocol/http/date.ts';
import { page } from '../../../../src/core/protocol/http/page.ts';
import { Response, type Asked } from '../../../../src/core/protocol/http/response.ts';
import type { ResponseStart } from '../../../../src/core/protocol/response.ts';

interface Given {
  readonly head?: string;
  readonly body?: string;
  readonly length?: number;
  readonly status?: number;
  readonly isEnd?: boolean;
}

const GET: Asked = { minor: 1, isHead: false, isPersistent: true };
const OK = '200 OK\r\nDate: then\r\n';

describe('the head', () => {
  for (const { what, asked, given, text } of [
    { what: 'gets the length of a body that is all here', given: { body: 'hello' }, text: `HTTP/1.1 ${OK}Content-Length: 5\r\n\r\nhello` },
    {
      what: "keeps the application's own length",
      given: { head: `${OK}Content-Length: 5\r\n`, length: 5, body: 'hello' },
      text: `HTTP/1.1 ${OK}Content-Length: 5\r\n\r\nhello`,
    },
    { what: 'says chunked when the length is unknown', given: { isEnd: false }, text: `HTTP/1.1 ${OK}Transfer-Encoding: chunked\r\n\r\n` },
    {
      what: 'is followed by the first chunk',
      given: { isEnd: false, body: 'x'.repeat(16) },
      text: `HTTP/1.1 ${OK}Transfer-Encoding: chunked\r\n\r\n10\r\n${'x'.repeat(16)}\r\n`,
    },
    {
      what: 'closes an HTTP/1.0 connection when the length is unknown',
      asked: { ...GET, minor: 0 as const },
      given: { isEnd: false, body: 'x' },
      text: `HTTP/1.0 ${OK}Connection: close\r\n\r\nx`,
    },
    {
      what: 'keeps an HTTP/1.0 connection alive that asked for it',
      asked: { ...GET, minor: 0 as const },
      given: { body: 'x' },
      text: `HTTP/1.0 ${OK}Content-Length: 1\r\nConnection: keep-alive\r\n\r\nx`,
    },
    {
      what: 'says that the connection ends',
      asked: { ...GET, isPersistent: false },
      given: { body: 'x' },
      text: `HTTP/1.1 ${OK}Content-Length: 1\r\nConnection: close\r\n\r\nx`,
    },
    { what: 'is all that a HEAD gets', asked: { ...GET, isHead: true }, given: { body: 'hello' }, text: `HTTP/1.1 ${OK}\r\n` },
    { what: 'is all of a 204', given: { status: 204, body: 'hello' }, text: `HTTP/1.1 ${OK}\r\n` },
    { what: 'is all of a 304', given: { status: 304 }, text: `HTTP/1.1 ${OK}\r\n` },
    {
      what: 'is that of a body longer than its length, which is cut',
      given: { head: `${OK}Content-Length: 2\r\n`, length: 2, body: 'hello' },
      text: `HTTP/1.1 ${OK}Content-Length: 2\r\nConnection: close\r\n\r\nhe`,
    },
  ] satisfies { what: string; asked?: Asked; given: Given; text: string }[]) {
    test(what, () => {
      assert.equal(new Response(asked ?? GET).begin(start(given)).toString(), text);
    });
  }

  test('gets a Date when the application set none', () => {
    const text = new Response(GET).begin(start({ head: '200 OK\r\nX-Date: a\r\n', body: '' })).toString();
    assert.match(text, /\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/);
  });

  test("keeps the application's Date in any case of its name", () => {
    const text = new Response(GET).begin(start({ head: '200 OK\r\ndATE: then\r\n', body: '' })).toString();
    assert.equal(text.match(/date:/gi)?.length, 1);
  });
});

describe('the body', () => {
  test('goes on in chunks', () => {
    const response = new Response(GET);
    response.begin(start({ isEnd: false }));
    assert.equal(more(response, 'hello'), '5\r\nhello\r\n');
    assert.equal(more(response, ''), '');
    assert.equal(response.end().toString(), '0\r\n\r\n');
    assert.ok(response.isPersistent);
  });

  test('is cut where its length ends, and the connection with it', () => {
    const response = new Response(GET);
    response.begin(start({ length: 4, body: 'ab', isEnd: false }));
    assert.equal(more(response, 'cdef'), 'cd');
    assert.equal(more(response, 'gh'), '');
    assert.equal(response.end().length, 0);
    assert.ok(!response.isCut);
    assert.ok(!response.isPersistent);
  });

  test('that is shorter than its length leaves the response incomplete', () => {
    const response = new Response(GET);
    response.begin(start({ length: 4, body: 'ab', isEnd: false }));
    response.end();
    assert.ok(response.isCut);
    assert.ok(!response.isPersistent);
  });

  test('of a HEAD goes nowhere, and its length is only a word', () => {
    const response = new Response({ ...GET, isHead: true });
    response.begin(start({ length: 4, isEnd: false }));
    assert.equal(more(response, 'abcd'), '');
    assert.equal(response.end().length, 0);
    assert.ok(response.isPersistent);
  });
});

test('the Date is that of the second', () => {
  assert.equal(dateLine(784_111_777_999), 'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n');
  assert.equal(dateLine(784_111_778_000), 'Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n');
});

test('a page of our own says what happened', () => {
  const text = new Response({ ...GET, isPersistent: false }).begin(page(503, 'Date: then\r\nRetry-After: 1\r\n')).toString();
  assert.equal(
    text,
    'HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 24\r\n' +
      'Date: then\r\nRetry-After: 1\r\nConnection: close\r\n\r\n503 Service Unavailable\n',
  );
});

function start({ head = OK, body = '', length = -1, status = 200, isEnd = true }: Given): ResponseStart {
  const bytes = Buffer.from(`before${head}${body}after`);
  const headStart = 'before'.length;
  const bodyStart = headStart + head.length;
  return { status, contentLength: length, bytes, headStart, bodyStart, bodyEnd: bodyStart + body.length, isEnd };
}

function more(response: Response, text: string): string {
  return Buffer.concat(response.body(Buffer.from(text), 0, text.length)).toString();
}
