import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contentRange, multipart, selectRanges } from '../../../../src/core/protocol/http/ranges.ts';

const SIZE = 31;

describe('parts', () => {
  for (const { field, parts } of [
    { field: 'bytes=0-4', parts: [[0, 5]] },
    { field: 'bytes=5-', parts: [[5, 31]] },
    { field: 'bytes=-5', parts: [[26, 31]] },
    { field: 'bytes=-100', parts: [[0, 31]] },
    { field: 'bytes=30-', parts: [[30, 31]] },
    { field: 'bytes=0-999999999999', parts: [[0, 31]] },
    { field: 'BYTES=0-0', parts: [[0, 1]] },
    { field: 'bytes=0-0, 2-2 ,-1', parts: [[0, 1], [2, 3], [30, 31]] }, // prettier-ignore
    { field: 'bytes=20-21,3-4', parts: [[20, 22], [3, 5]] }, // prettier-ignore
    { field: 'bytes=0-1,99-', parts: [[0, 2]] },
    { field: 'bytes=,0-1,', parts: [[0, 2]] },
  ]) {
    test(field, () => {
      assert.deepEqual(
        selectRanges(field, SIZE),
        parts.map(([from, to]) => ({ from, to })),
      );
    });
  }
});

describe('nothing, since no part is there', () => {
  for (const field of ['bytes=31-', 'bytes=99-100', 'bytes=-0', 'bytes=31-,99-']) {
    test(field, () => assert.equal(selectRanges(field, SIZE), 'none'));
  }
});

describe('the whole', () => {
  for (const { what, field } of [
    { what: 'no Range', field: '' },
    { what: 'another unit', field: 'lines=0-4' },
    { what: 'backwards', field: 'bytes=4-0' },
    { what: 'backwards beside a good one', field: 'bytes=0-1,4-0' },
    { what: 'no number', field: 'bytes=a-b' },
    { what: 'neither first nor last', field: 'bytes=-' },
    { what: 'a sign', field: 'bytes=+1-2' },
    { what: 'nothing', field: 'bytes=' },
    { what: 'numbers beyond all files', field: 'bytes=0-99999999999999999999' },
    { what: 'more parts than anybody needs', field: `bytes=${Array.from({ length: 17 }, (_, at) => `${at}-${at}`).join()}` },
    { what: 'parts that overlap to more than there is', field: 'bytes=0-,0-' },
  ]) {
    test(what, () => assert.equal(selectRanges(field, SIZE), 'whole'));
  }

  test('of an empty file, which has no parts', () => assert.equal(selectRanges('bytes=0-', 0), 'whole'));
});

test('sixteen parts are as many as there may be', () => {
  const parts = selectRanges(`bytes=${Array.from({ length: 16 }, (_, at) => `${at}-${at}`).join()}`, SIZE);
  assert.equal(parts.length, 16);
});

test('a body of several parts tells of each which it is, and how long all of it will be', () => {
  const ranges = [
    { from: 0, to: 2 },
    { from: 3, to: 5 },
  ];
  const { type, parts, after, length } = multipart(ranges, { size: 5, type: 'text/plain' }, 'BORDER');
  const text = parts.map(({ before, from, to }) => before + 'hello'.slice(from, to)).join('') + after;
  assert.equal(type, 'multipart/byteranges; boundary=BORDER');
  assert.equal(
    text,
    '\r\n--BORDER\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/5\r\n\r\nhe' +
      '\r\n--BORDER\r\nContent-Type: text/plain\r\nContent-Range: bytes 3-4/5\r\n\r\nlo\r\n--BORDER--\r\n',
  );
  assert.equal(length, text.length);
});

test('a part of a file of no known type has none', () => {
  const { parts } = multipart([{ from: 0, to: 1 }], { size: 5, type: undefined }, 'B');
  assert.equal(parts[0]?.before, '\r\n--B\r\nContent-Range: bytes 0-0/5\r\n\r\n');
});

test('Content-Range tells of what there is also where nothing of it was asked for', () => {
  assert.equal(contentRange(undefined, 31), 'bytes */31');
});
