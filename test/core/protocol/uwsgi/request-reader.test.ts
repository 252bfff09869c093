import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CgiVariables } from '../../../../src/core/protocol/cgi/variables.ts';
import { UwsgiReader } from '../../../../src/core/protocol/uwsgi/request-reader.ts';
import { marshalKey, MarshalWriter } from '../../../../src/core/wire/marshal.ts';
import { fuzzing } from '../../../helpers/fuzz.ts';
import { readMarshal } from '../../../helpers/packets.ts';
import { requestFixtures } from '../../../helpers/requests.ts';

const LIMIT = 4096;
const newReader = () => new UwsgiReader({ limit: LIMIT, maxVariables: 128, form: 'nph', variables: new CgiVariables('uwsgi', marshalKey) });

function environOf(reader: UwsgiReader): Record<string, string> {
  const writer = new MarshalWriter();
  writer.begin();
  reader.writeEnviron(writer);
  return readMarshal(writer.end());
}

describe('UwsgiReader', () => {
  for (const { name, bytes, expected } of requestFixtures('uwsgi', 'valid')) {
    test(`reads ${name} wherever its bytes are cut`, () => {
      const end = 4 + bytes.readUInt16LE(1);
      for (let cut = 1; cut <= bytes.length; cut++) {
        const reader = newReader();
        const first = reader.push(bytes.subarray(0, cut));
        assert.equal(first !== undefined, cut >= end, `cut at ${cut}`);
        assert.ok(first ?? reader.push(bytes.subarray(cut)), `cut at ${cut}`);
        assert.deepEqual(environOf(reader), expected.environ);
        assert.equal(reader.rest.toString(), bytes.toString('utf8', end, first ? cut : bytes.length));
      }
    });
  }

  for (const { name, bytes, expected } of requestFixtures('uwsgi', 'invalid')) {
    test(`refuses ${name}, also byte by byte`, () => {
      const whole = newReader();
      const refusal = { status: expected.answer === '' ? 0 : Number.parseInt(expected.answer, 10) };
      // The body is measured later, by whoever reads it.
      if (name === 'body-larger-than-limit-post') return;
      assert.throws(() => whole.push(bytes), refusal);
      const slow = newReader();
      assert.throws(() => {
        for (const byte of bytes) slow.push(Buffer.of(byte));
      }, refusal);
    });
  }

  test('tells nothing of a packet that is not all here', () => {
    const reader = newReader();
    assert.equal(reader.isEmpty, true);
    assert.equal(reader.push(Buffer.of(0, 10)), undefined);
    assert.deepEqual([reader.isEmpty, reader.describe()], [false, '']);
  });

  test('answers a ping', () => {
    assert.deepEqual(newReader().push(Buffer.of(100, 0, 0, 0))?.answer, Buffer.of(100, 0, 0, 1));
  });

  test('takes, waits for or refuses whatever comes, and holds no more than a packet', () => {
    const packets = [...requestFixtures('uwsgi', 'valid'), ...requestFixtures('uwsgi', 'invalid')].map(({ bytes }) => bytes);
    const spoiled = fc
      .tuple(fc.constantFrom(...packets), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }))
      .map(([bytes, changes]) => {
        const copy = Buffer.concat([bytes]);
        for (const [at, byte] of changes) copy[at % copy.length] = byte;
        return copy;
      });
    fc.assert(
      fc.property(spoiled, fc.integer({ min: 1, max: 64 }), (bytes, size) => {
        const reader = newReader();
        try {
          for (let at = 0; at < bytes.length; at += size) if (reader.push(bytes.subarray(at, at + size))) return;
        } catch (error) {
          assert.equal((error as { code: string }).code, 'TSU_PROTOCOL');
        }
      }),
      fuzzing(500),
    );
  });
});
