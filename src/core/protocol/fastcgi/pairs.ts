/**
 * Names and values (FastCGI Specification 1.0, 3.4): both lengths, then both texts. A length is one byte up to 127, or four of which the
 * first has its highest bit set.
 */
import { ProtocolError } from '../../errors/protocol.ts';

const LONG = 0x80;

/** Where a pair stands in its bytes; the value begins where the name ends. */
export interface Pair {
  readonly from: number;
  readonly middle: number;
  readonly to: number;
}

export function readPairs(bytes: Buffer): readonly Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; at < bytes.length;) {
    const name = readLength(bytes, at);
    const value = readLength(bytes, name.end);
    const middle = value.end + name.length;
    const to = middle + value.length;
    if (to > bytes.length) throw ProtocolError.malformed('fastcgi', 'a name or value that runs past its end');
    pairs.push({ from: value.end, middle, to });
    at = to;
  }
  return pairs;
}

export function writePairs(pairs: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(
    pairs.flatMap(([name, value]) => [writeLength(name.length), writeLength(value.length), Buffer.from(name + value, 'latin1')]),
  );
}

function readLength(bytes: Buffer, at: number): { readonly length: number; readonly end: number } {
  const first = bytes[at] ?? LONG;
  if (first < LONG) return { length: first, end: at + 1 };
  if (at + 4 > bytes.length) throw ProtocolError.malformed('fastcgi', 'a length that runs past the end');
  return { length: bytes.readUInt32BE(at) & 0x7fffffff, end: at + 4 };
}

function writeLength(length: number): Buffer {
  if (length < LONG) return Buffer.of(length);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((length | 0x80000000) >>> 0);
  return bytes;
}
