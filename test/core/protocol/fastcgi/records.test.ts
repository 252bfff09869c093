import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  CONTENT_MAX,
  endRequest,
  readBeginning,
  record,
  RecordReader,
  stdout,
  TYPE,
} from '../../../../src/core/protocol/fastcgi/records.ts';
import { FCGI, fcgiBegin, fcgiRecord } from '../../../helpers/fastcgi.ts';
import { fuzzing } from '../../../helpers/fuzz.ts';

interface Read {
  readonly type: number;
  readonly id: number;
  readonly content: string;
}

function readAll(reader: RecordReader, chunk: Buffer): Read[] {
  const found: Read[] = [];
  reader.push(chunk, ({ type, id, content }) => found.push({ type, id, content: content.toString('latin1') }));
  return found;
}

const STREAM = Buffer.concat([
  fcgiBegin(1),
  fcgiRecord(FCGI.params, 1, 'abc', 5),
  fcgiRecord(FCGI.params, 1),
  fcgiRecord(FCGI.stdin, 0x1234, 'x'.repeat(300), 255),
  fcgiRecord(FCGI.stdin, 1, '', 8),
]);
const RECORDS: readonly Read[] = [
  { type: 1, id: 1, content: '\0\x01\x01\0\0\0\0\0' },
  { type: 4, id: 1, content: 'abc' },
  { type: 4, id: 1, content: '' },
  { type: 5, id: 0x1234, content: 'x'.repeat(300) },
  { type: 5, id: 1, content: '' },
];

describe('RecordReader', () => {
  test('finds the same records wherever the bytes are cut, and leaves padding out', () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const reader = new RecordReader();
      const found = [...readAll(reader, STREAM.subarray(0, cut)), ...readAll(reader, STREAM.subarray(cut))];
      assert.deepEqual(found, RECORDS, `cut at ${cut}`);
    }
  });

  test('and byte by byte', () => {
    const reader = new RecordReader();
    const found = [...STREAM].flatMap((byte) => readAll(reader, Buffer.of(byte)));
    assert.deepEqual(found, RECORDS);
  });

  test('reads what was written, in any pieces', () => {
    const anyRecord = fc.record({ type: fc.nat(255), id: fc.nat(65_535), content: fc.uint8Array({ maxLength: 500 }) });
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 8 }), fc.array(fc.nat(4000), { maxLength: 8 }), (records, cuts) => {
        const bytes = Buffer.concat(records.map(({ type, id, content }) => record(type, id, Buffer.from(content))));
        const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const reader = new RecordReader();
        const found = ends.flatMap((end, index) => readAll(reader, bytes.subarray(ends[index - 1] ?? 0, end)));
        assert.deepEqual(
          found,
          records.map(({ type, id, content }) => ({ type, id, content: Buffer.from(content).toString('latin1') })),
        );
      }),
      fuzzing(200),
    );
  });

  for (const { what, bytes } of [
    { what: 'another version', bytes: Buffer.from([2, 1, 0, 1, 0, 0, 0, 0]) },
    { what: 'another version of which only the first byte is here', bytes: Buffer.of(0) },
    { what: 'HTTP', bytes: Buffer.from('GET / HTTP/1.1\r\n\r\n') },
    { what: 'another version behind a good record', bytes: Buffer.concat([fcgiBegin(1), Buffer.of(9)]) },
  ]) {
    test(`refuses ${what}`, () => {
      assert.throws(() => readAll(new RecordReader(), bytes), {
        code: 'TSU_PROTOCOL',
        message: /^malformed fastcgi request: .* is it FastCGI\?$/,
      });
    });
  }

  test('throws nothing but its own error, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
        const reader = new RecordReader();
        try {
          for (const chunk of chunks) readAll(reader, Buffer.from(chunk));
        } catch (error) {
          assert.equal((error as { code: string }).code, 'TSU_PROTOCOL');
        }
      }),
      fuzzing(200),
    );
  });
});

test('a record is padded to whole words', () => {
  for (const size of [0, 1, 7, 8, 9]) assert.equal(record(TYPE.stdout, 1, Buffer.alloc(size)).length % 8, 0);
});

test('a body of any size becomes records that together are that body', () => {
  for (const size of [0, 1, CONTENT_MAX, CONTENT_MAX + 1, 200_000]) {
    const body = Buffer.alloc(size, 'ab');
    const found = readAll(new RecordReader(), Buffer.concat(stdout(7, body)));
    assert.ok(found.every(({ type, id, content }) => type === TYPE.stdout && id === 7 && content.length > 0));
    assert.equal(found.map(({ content }) => content).join(''), body.toString());
  }
});

test('END_REQUEST is that of the specification', () => {
  assert.deepEqual([...endRequest(0x102, 2, 5)], [1, 3, 1, 2, 0, 8, 0, 0, 0, 0, 0, 5, 2, 0, 0, 0]);
});

test('BEGIN_REQUEST tells role and whether the connection goes on; one of another size is refused', () => {
  assert.deepEqual(readBeginning(Buffer.from([0, 1, 1, 0, 0, 0, 0, 0])), { role: 1, keepsConnection: true });
  assert.deepEqual(readBeginning(Buffer.from([1, 3, 2, 0, 0, 0, 0, 0])), { role: 259, keepsConnection: false });
  assert.throws(() => readBeginning(Buffer.alloc(7)), { code: 'TSU_PROTOCOL' });
});
