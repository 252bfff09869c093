import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CgiVariables } from '../../../../src/core/protocol/cgi/variables.ts';
import { ScgiReader } from '../../../../src/core/protocol/scgi/request-reader.ts';
import { marshalKey, MarshalWriter } from '../../../../src/core/wire/marshal.ts';
import { readMarshal } from '../../../helpers/packets.ts';
import { requestFixtures } from '../../../helpers/requests.ts';
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

  for (const { name, bytes, expected } of requestFixtures('scgi', 'valid')) {
    test(`reads ${name} wherever its bytes are cut`, () => {
      const end = bytes.length - Buffer.byteLength(expected.body, 'latin1');
      for (let cut = 1; cut <= bytes.length; cut++) {
        const reader = newReader();
        const first = reader.push(bytes.subarray(0, cut));
        assert.equal(first !== undefined, cut >= end, `cut at ${cut}`);
        assert.ok(first ?? reader.push(bytes.subarray(cut)), `cut at ${cut}`);
        assert.deepEqual(environOf(reader), expected.environ);
      }
    });
  }

  for (const { name, bytes, expected } of requestFixtures('scgi', 'invalid')) {
    // The body is measured later, by whoever reads it.
    if (name.startsWith('body-')) continue;
    test(`refuses ${name}, also byte by byte`, () => {
      const refusal = { code: 'TSU_PROTOCOL', status: Number.parseInt(expected.answer, 10) };
      assert.throws(() => newReader().push(bytes), refusal);
      const slow = newReader();
      assert.throws(() => {
        for (const byte of bytes) slow.push(Buffer.of(byte));
      }, refusal);
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
