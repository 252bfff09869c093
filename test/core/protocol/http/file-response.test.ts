import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type FileQuestion,
  fileResponse,
  handedOver,
  type Representation,
  validatorsOf,
} from '../../../../src/core/protocol/http/file-response.ts';

const MODIFIED = 'Tue, 14 Nov 2023 22:13:20 GMT';
const FILE: Representation = {
  size: 31,
  modifiedMs: 1_700_000_000_000,
  type: 'text/plain',
  isGzip: false,
  varies: false,
  expiresMs: undefined,
};
const TAG = validatorsOf(FILE).tag;
const NOTHING = { ifMatch: '', ifNoneMatch: '', ifModifiedSince: '', ifUnmodifiedSince: '', ifRange: '' };

function ask(question: Partial<FileQuestion> = {}, file: Partial<Representation> = {}) {
  return fileResponse({ ...NOTHING, isHead: false, range: '', ...question }, { ...FILE, ...file }, 'BORDER');
}

test('a file is sent whole, with what tells its next request that it is the same', () => {
  const { status, head, contentLength, parts, after } = ask();
  assert.equal(
    head,
    `200 OK\r\nContent-Type: text/plain\r\nContent-Length: 31\r\nLast-Modified: ${MODIFIED}\r\nETag: ${TAG}\r\nAccept-Ranges: bytes\r\n`,
  );
  assert.deepEqual(
    { status, contentLength, parts, after },
    { status: 200, contentLength: 31, parts: [{ before: '', from: 0, to: 31 }], after: '' },
  );
});

test('a type that nobody knows is not made up', () => {
  assert.doesNotMatch(ask({}, { type: undefined }).head, /Content-Type/);
});

test('a compressed twin says so, and that it depends on the client', () => {
  const { head } = ask({}, { isGzip: true, varies: true });
  assert.match(head, /\r\nContent-Encoding: gzip\r\nContent-Type: text\/plain\r\n/);
  assert.match(head, /\r\nVary: Accept-Encoding\r\n/);
});

test('an expiry comes before the type, as in uWSGI', () => {
  assert.match(ask({}, { expiresMs: 0 }).head, /^200 OK\r\nExpires: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type/);
});

test('a client that has it gets no body, and hears what lasts', () => {
  const { status, head, contentLength, parts, after } = ask({ ifModifiedSince: MODIFIED }, { varies: true, expiresMs: 0 });
  assert.equal(head, `304 Not Modified\r\nExpires: Thu, 01 Jan 1970 00:00:00 GMT\r\nETag: ${TAG}\r\nVary: Accept-Encoding\r\n`);
  assert.deepEqual({ status, contentLength, parts, after }, { status: 304, contentLength: -1, parts: [], after: '' });
});

test('a condition that fails is answered with a page of its own', () => {
  const { status, head, after } = ask({ ifMatch: '"other"' });
  assert.equal(status, 412);
  assert.equal(head, '412 Precondition Failed\r\nContent-Type: text/plain\r\nContent-Length: 24\r\n');
  assert.equal(after, '412 Precondition Failed\n');
});

describe('Range', () => {
  test('brings one part as it is', () => {
    const { status, head, contentLength, parts } = ask({ range: 'bytes=5-9' });
    assert.equal(status, 206);
    assert.match(head, /^206 Partial Content\r\nContent-Type: text\/plain\r\nContent-Length: 5\r\nContent-Range: bytes 5-9\/31\r\n/);
    assert.deepEqual({ contentLength, parts }, { contentLength: 5, parts: [{ before: '', from: 5, to: 10 }] });
  });

  test('brings several parts one behind the other', () => {
    const { status, head, parts, after, contentLength } = ask({ range: 'bytes=0-0,30-' });
    assert.equal(status, 206);
    assert.match(head, /\r\nContent-Type: multipart\/byteranges; boundary=BORDER\r\n/);
    assert.doesNotMatch(head, /Content-Range/);
    assert.equal(contentLength, parts.reduce((sum, { before }) => sum + before.length + 1, 0) + after.length); // prettier-ignore
  });

  test('of what is not there says how much there is', () => {
    const { status, head } = ask({ range: 'bytes=31-' });
    assert.equal(status, 416);
    assert.match(head, /\r\nContent-Range: bytes \*\/31\r\n/);
  });

  test('is not heeded for another state than the one that the client has a part of', () => {
    assert.equal(ask({ range: 'bytes=0-4', ifRange: '"other"' }).status, 200);
    assert.equal(ask({ range: 'bytes=0-4', ifRange: TAG }).status, 206);
  });

  test('means nothing in a HEAD', () => {
    assert.equal(ask({ range: 'bytes=0-4', isHead: true }).status, 200);
  });
});

describe('the tag of a file', () => {
  for (const { what, file } of [
    { what: 'another size', file: { size: 32 } },
    { what: 'a change a thousandth of a second later', file: { modifiedMs: FILE.modifiedMs + 1 } },
    { what: 'its compressed twin', file: { isGzip: true } },
  ]) {
    test(`is another for ${what}`, () => assert.notEqual(validatorsOf({ ...FILE, ...file }).tag, TAG));
  }
});

test('where another server sends the file, only its path goes there', () => {
  const { status, head, parts } = handedOver(FILE, ['X-Sendfile', '/srv/a.txt']);
  assert.equal(head, `200 OK\r\nContent-Type: text/plain\r\nX-Sendfile: /srv/a.txt\r\nLast-Modified: ${MODIFIED}\r\n`);
  assert.deepEqual({ status, parts }, { status: 200, parts: [] });
});
