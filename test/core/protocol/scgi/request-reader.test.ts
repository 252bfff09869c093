import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CgiVariables } from '../../../../src/core/protocol/cgi/variables.ts';
import { ScgiReader } from '../../../../src/core/protocol/scgi/request-reader.ts';
import { marshalKey, MarshalWriter } from '../../../../src/core/wire/marshal.ts';
import { readMarshal } from '../../../helpers/packets.ts';
import { scgiHead } from '../../../helpers/scgi.ts';
import { fuzzing } from '../../../helpers/fuzz.ts';

const LIMIT = 4096;
const newReader = (limit = LIMIT) =>
  new ScgiReader({ limit, maxVariables: 0, form: 'parsed', variables: new CgiVariables('scgi', marshalKey) });
const VARS = [
  ['CONTENT_LENGTH', '5'],
  ['SCGI', '1'],
  ['REQUEST_METHOD', 'POST'],
  ['REQUEST_URI', '/a?b'],
  ['PATH_INFO', '/caf\xe9'],
] as const;
const HEAD = scgiHead(VARS);
const REQUEST = Buffer.concat([HEAD, Buffer.from('hello')]);

function environOf(reader: ScgiReader): Record<string, string> {
  const writer = new MarshalWriter();
  writer.begin();
  reader.writeEnviron(writer);
  return readMarshal(writer.end());
}

describe('ScgiReader', () => {
  test('reads the same request wherever the bytes are cut', () => {
    for (let cut = 1; cut <= REQUEST.length; cut++) {
      const reader = newReader();
      const first = reader.push(REQUEST.subarray(0, cut));
      assert.equal(first !== undefined, cut >= HEAD.length, `cut at ${cut}`);
      assert.equal(reader.isEmpty, cut >= HEAD.length, `cut at ${cut}`);
      const head = first ?? reader.push(REQUEST.subarray(cut));
      assert.deepEqual(head, { isPersistent: false, body: { kind: 'length', length: 5 }, expectsContinue: false });
      assert.deepEqual(environOf(reader), Object.fromEntries(VARS));
      assert.equal(reader.rest.toString(), first ? REQUEST.subarray(HEAD.length, cut).toString() : 'hello');
      assert.equal(reader.describe(), 'POST /a?b');
    }
  });

  test('and byte by byte', () => {
    const reader = newReader();
    for (const byte of HEAD.subarray(0, -1)) assert.equal(reader.push(Buffer.of(byte)), undefined);
    assert.ok(reader.push(HEAD.subarray(-1)));
    assert.deepEqual(environOf(reader), Object.fromEntries(VARS));
  });

  test('refuses a head larger than buffer-size before it is here', () => {
    assert.throws(() => newReader(100).push(Buffer.from('101:C')), { status: 431, suggestions: ['set buffer-size = 101 or more'] });
    assert.equal(newReader(100).push(Buffer.from('100:C')), undefined);
  });

  const scgi = ['SCGI', '1'] as const;
  const length = ['CONTENT_LENGTH', '0'] as const;
  for (const { what, bytes } of [
    { what: 'no size', bytes: ':x' },
    { what: 'a size with a leading zero', bytes: '024:' },
    { what: 'an empty head', bytes: '0:,' },
    { what: 'a size that is signed', bytes: '+24:' },
    { what: 'a size that never ends', bytes: '12345678901' },
    { what: 'HTTP', bytes: 'GET / HTTP/1.1\r\n\r\n' },
    { what: 'a blank before the size', bytes: ' 24:' },
    { what: 'a head that goes on where it should end', bytes: HEAD.toString('latin1').replace(/,$/, ';') },
    { what: 'a name without a value', bytes: '5:SCGI\0,' },
    { what: 'a value without its end', bytes: '6:SCGI\x001,' },
    { what: 'a head without an end of its own', bytes: '4:SCGI,' },
    { what: 'another variable before CONTENT_LENGTH', bytes: scgiHead([scgi, length]) },
    { what: 'no CONTENT_LENGTH', bytes: scgiHead([scgi]) },
    { what: 'an empty CONTENT_LENGTH', bytes: scgiHead([['CONTENT_LENGTH', ''], scgi]) },
    { what: 'no SCGI', bytes: scgiHead([length]) },
    { what: 'another SCGI', bytes: scgiHead([length, ['SCGI', '2']]) },
    { what: 'two SCGIs', bytes: scgiHead([length, scgi, ['SCGI', '2']]) },
    { what: 'an empty name', bytes: scgiHead([length, scgi, ['', 'x']]) },
  ]) {
    test(`refuses ${what}`, () => {
      assert.throws(() => newReader().push(Buffer.from(String(bytes), 'latin1')), { code: 'TSU_PROTOCOL', status: 400 });
    });
  }

  test('throws nothing but its own error, whatever comes', () => {
    const bytes = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.string({ maxLength: 20 }).map((text) => `${text.length}:${text},`),
    );
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (chunks) => {
        const reader = newReader();
        try {
          for (const chunk of chunks) if (reader.push(Buffer.from(chunk, 'latin1'))) return;
        } catch (error) {
          assert.equal((error as { code: string }).code, 'TSU_PROTOCOL');
        }
      }),
      fuzzing(200),
    );
  });
});
