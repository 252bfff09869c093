import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldLines, nameOf, readHead, valueOf, withHead } from '../../../src/core/gateway/response-head.ts';

const TEXT = '200 OK\r\nContent-Length: 2\r\nX-A:  b: c \r\nok';
const START = {
  status: 200,
  contentLength: 2,
  bytes: Buffer.from(`??${TEXT}??`, 'latin1'),
  headStart: 2,
  bodyStart: TEXT.length,
  bodyEnd: TEXT.length + 2,
  isEnd: true,
};

test('a head is read in lines', () => {
  const { status, fields } = readHead(START);
  assert.deepEqual([status, fields], ['200 OK', ['Content-Length: 2', 'X-A:  b: c ']]);
  assert.deepEqual(
    [fields.map(nameOf), fields.map(valueOf)],
    [
      ['content-length', 'x-a'],
      ['2', 'b: c'],
    ],
  );
});

test('a response gets another head and keeps its body', () => {
  const { bytes, headStart, bodyStart, bodyEnd, ...rest } = withHead(START, {
    status: '201 Made',
    fields: ['X-B: \xe9', 'content-length: 2'],
  });
  assert.equal(bytes.toString('latin1', headStart, bodyStart), '201 Made\r\nX-B: \xe9\r\ncontent-length: 2\r\n');
  assert.equal(bytes.toString('latin1', bodyStart, bodyEnd), 'ok');
  assert.deepEqual(rest, { status: 200, contentLength: 2, isEnd: true });
});

test('a response that loses its Content-Length has none', () => {
  assert.equal(withHead(START, { status: '200 OK', fields: [] }).contentLength, -1);
});

test('fields are lines', () => {
  assert.equal(fieldLines(['A: 1', 'B: 2']), 'A: 1\r\nB: 2\r\n');
});
