import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readProxyHeader } from '../../../../src/core/protocol/proxy/header.ts';
import { fuzzing } from '../../../helpers/fuzz.ts';
import { proxyBlock, tcp4, tcp6 } from '../../../helpers/proxy.ts';

const FROM_TO = { kind: 'tcp', from: { address: '192.0.2.1', port: 51234 }, to: { address: '192.0.2.9', port: 443 } };
const FROM_TO_6 = { kind: 'tcp', from: { address: '2001:db8::1', port: 51234 }, to: { address: '::1', port: 443 } };
const ADDRESSES = tcp4('192.0.2.1', '192.0.2.9', [51234, 443]);
const ADDRESSES_6 = tcp6('20010db8000000000000000000000001', '00000000000000000000000000000001', [51234, 443]);

const VALID = [
  { what: 'TCP4', bytes: Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.9 51234 443\r\n'), client: FROM_TO },
  { what: 'TCP6', bytes: Buffer.from('PROXY TCP6 2001:db8::1 ::1 51234 443\r\n'), client: FROM_TO_6 },
  { what: 'UNKNOWN', bytes: Buffer.from('PROXY UNKNOWN\r\n'), client: { kind: 'unknown' } },
  {
    what: 'UNKNOWN and the longest addresses there are',
    bytes: Buffer.from(`PROXY UNKNOWN ${'ffff:f...f:ffff '.padEnd(91, 'f')}\r\n`),
    client: { kind: 'unknown' },
  },
  { what: 'version 2, IPv4', bytes: proxyBlock(0x21, 0x11, ADDRESSES), client: FROM_TO },
  { what: 'version 2, IPv6', bytes: proxyBlock(0x21, 0x21, ADDRESSES_6), client: FROM_TO_6 },
  { what: 'version 2, IPv4 and TLVs', bytes: proxyBlock(0x21, 0x11, Buffer.concat([ADDRESSES, Buffer.alloc(300, 4)])), client: FROM_TO },
  { what: 'version 2, a Unix socket', bytes: proxyBlock(0x21, 0x31, Buffer.alloc(216, 'a')), client: { kind: 'unix' } },
  { what: 'version 2, UNSPEC', bytes: proxyBlock(0x21, 0, Buffer.alloc(7)), client: { kind: 'unknown' } },
  { what: 'version 2, datagrams', bytes: proxyBlock(0x21, 0x12, ADDRESSES), client: { kind: 'unknown' } },
  { what: 'version 2, LOCAL', bytes: proxyBlock(0x20, 0, Buffer.alloc(0)), client: { kind: 'unknown' } },
  { what: 'version 2, LOCAL with addresses', bytes: proxyBlock(0x20, 0x11, ADDRESSES), client: { kind: 'unknown' } },
] as const;

describe('a header', () => {
  for (const { what, bytes, client } of VALID) {
    test(`of ${what} tells the client, wherever it is cut`, () => {
      for (let cut = 0; cut < bytes.length; cut++)
        assert.equal(readProxyHeader(bytes.subarray(0, cut)), undefined, `after ${String(cut)} bytes`);
      assert.deepEqual(readProxyHeader(Buffer.concat([bytes, Buffer.from('GET / HTTP/1.1\r\n')])), { client, size: bytes.length });
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
  for (const { what, bytes, message } of [
    { what: 'a request', bytes: 'GET / HTTP/1.1\r\n', message: 'no header' },
    { what: 'a beginning that goes on otherwise', bytes: 'PROXX', message: 'no header' },
    { what: 'small letters', bytes: 'proxy TCP4 ', message: 'no header' },
    { what: 'half a signature', bytes: '\r\n\r\n\0\r\nQUIX', message: 'no header' },
    { what: 'another family', bytes: 'PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n', message: 'an unknown family' },
    { what: 'no family', bytes: 'PROXY \r\n', message: 'an unknown family' },
    { what: 'too few parts', bytes: 'PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n', message: 'a line that has not four parts after its family' },
    { what: 'too many parts', bytes: 'PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n', message: 'a line that has not four parts after its family' },
    { what: 'two blanks', bytes: 'PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n', message: 'a line that has not four parts after its family' },
    { what: 'an address of the other family', bytes: 'PROXY TCP4 ::1 ::1 1 2\r\n', message: 'an address that is none of TCP4' },
    { what: 'an address with a zone', bytes: 'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n', message: 'an address that is none of TCP6' },
    { what: 'a name', bytes: 'PROXY TCP4 localhost 1.2.3.4 1 2\r\n', message: 'an address that is none of TCP4' },
    { what: 'a port above all', bytes: 'PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n', message: 'a port that is none' },
    { what: 'a port with a zero before it', bytes: 'PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n', message: 'a port that is none' },
    { what: 'a line that does not end', bytes: `PROXY UNKNOWN ${'x'.repeat(93)}`, message: 'a line without an end' },
    { what: 'a line feed alone', bytes: `PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n${'x'.repeat(90)}`, message: 'a line without an end' },
    { what: 'version 1 in the form of version 2', bytes: proxyBlock(0x11, 0x11, ADDRESSES), message: 'version 1' },
    { what: 'an unknown command', bytes: proxyBlock(0x22, 0x11, ADDRESSES), message: 'command 2' },
    { what: 'an unknown address family', bytes: proxyBlock(0x21, 0x41, ADDRESSES), message: 'an unknown family' },
    { what: 'an unknown transport', bytes: proxyBlock(0x21, 0x13, ADDRESSES), message: 'an unknown family' },
    { what: 'short addresses of IPv4', bytes: proxyBlock(0x21, 0x11, ADDRESSES.subarray(1)), message: 'addresses that are cut off' },
    { what: 'short addresses of IPv6', bytes: proxyBlock(0x21, 0x21, ADDRESSES), message: 'addresses that are cut off' },
    { what: 'a short Unix address', bytes: proxyBlock(0x21, 0x31, Buffer.alloc(215)), message: 'addresses that are cut off' },
    {
      what: 'more than any header has',
      bytes: proxyBlock(0x21, 0x11, Buffer.alloc(16 * 1024 + 1)).subarray(0, 16),
      message: '16385 bytes of addresses and more',
    },
  ]) {
    test(what, () => {
      assert.throws(() => readProxyHeader(Buffer.from(bytes as string, 'latin1')), {
        code: 'TSU_PROTOCOL',
        message: `malformed PROXY header: ${message}`,
      });
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
