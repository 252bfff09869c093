import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readProxyHeader } from '../../../../src/core/protocol/proxy/header.ts';
import { fuzzing } from '../../../helpers/fuzz.ts';
import { proxyBlock, tcp6 } from '../../../helpers/proxy.ts';
import { requestFixtures } from '../../../helpers/requests.ts';

const VALID = requestFixtures('proxy', 'valid');

describe('a header', () => {
  for (const { name, bytes, expected } of VALID) {
    test(`of ${name} tells the client, wherever it is cut`, () => {
      for (let cut = 0; cut < bytes.length; cut++)
        assert.equal(readProxyHeader(bytes.subarray(0, cut)), undefined, `after ${String(cut)} bytes`);
      const header = readProxyHeader(Buffer.concat([bytes, Buffer.from('GET / HTTP/1.1\r\n')]));
      assert.deepEqual(header, { client: expected.client, size: bytes.length });
    });
  }

  for (const { address, bytes } of [
    { address: '::', bytes: '00000000000000000000000000000000' },
    { address: '1::', bytes: '00010000000000000000000000000000' },
    { address: '1:0:2::3', bytes: '00010000000200000000000000000003' },
    { address: '1::2:0:0:3', bytes: '00010000000000000002000000000003' },
    { address: '1:2:3:4:5:6:7:0', bytes: '00010002000300040005000600070000' },
    { address: '100:10::', bytes: '01000010000000000000000000000000' },
  ]) {
    test(`tells ${address} in its shortest form`, () => {
      const found = readProxyHeader(proxyBlock(0x21, 0x21, tcp6(bytes, bytes, [1, 2])));
      assert.ok(found?.client.kind === 'tcp');
      assert.equal(found.client.from.address, address);
    });
  }
});

describe('what is no header is refused', () => {
  for (const { name, bytes, expected } of requestFixtures('proxy', 'invalid')) {
    test(`${name}, also byte by byte`, () => {
      const refusal = { code: 'TSU_PROTOCOL', message: expected.message };
      assert.throws(() => readProxyHeader(bytes), refusal);
      assert.throws(() => {
        for (let size = 1; size <= bytes.length; size++) readProxyHeader(bytes.subarray(0, size));
      }, refusal);
    });
  }
});

test('whatever comes is a header, the beginning of one, or refused', () => {
  const valid = fc.constantFrom(...VALID.map(({ bytes }) => bytes));
  const spoiled = fc
    .tuple(valid, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(120))
    .map(([bytes, changes, size]) => {
      const copy = Buffer.concat([bytes]);
      for (const [at, byte] of changes) copy[at % copy.length] = byte;
      return copy.subarray(0, size);
    });
  fc.assert(
    fc.property(
      fc.oneof(
        spoiled,
        fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
      ),
      (bytes) => {
        try {
          const header = readProxyHeader(bytes);
          assert.ok(header === undefined || header.size <= bytes.length);
        } catch (error) {
          assert.equal((error as { code: string }).code, 'TSU_PROTOCOL');
        }
      },
    ),
    fuzzing(1000),
  );
});
