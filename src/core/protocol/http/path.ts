import { ProtocolError } from '../../errors/protocol.ts';
import { DOT, HASH, hexValue, PERCENT, SLASH } from './characters.ts';

/**
 * PATH_INFO from the path of a request target: dot segments are resolved first and escapes decoded afterwards, in uWSGI's order
 * (core/utils.c, http_url_decode), so that `%2e%2e` stays in the path as the application's business. A fragment is cut off.
 */
export function decodePath(bytes: Uint8Array, from: number, to: number): Buffer {
  const fragment = bytes.subarray(from, to).indexOf(HASH);
  const end = fragment === -1 ? to : from + fragment;
  const out = Buffer.allocUnsafe(end - from);
  /** Where each segment of `out` begins: a decoded `%2F` is no border. */
  const segments: number[] = [];
  let size = 0;

  for (let at = from; at < end;) {
    const start = at;
    at = segmentEnd(bytes, start + 1, end);
    const dots = countDots(bytes, start + 1, at);
    if (dots === 0) {
      segments.push(size);
      size = decodeSegment(bytes.subarray(start, at), out, size);
      continue;
    }
    if (dots === 2) size = segments.pop() ?? 0;
    // `/a/.` and `/a/b/..` are directories.
    if (at === end) out[size++] = SLASH;
  }
  return out.subarray(0, size);
}

function segmentEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== SLASH) at++;
  return at;
}

/** 1 for the segment `.`, 2 for `..`, 0 for all others. */
function countDots(bytes: Uint8Array, from: number, to: number): 0 | 1 | 2 {
  if (bytes[from] !== DOT) return 0;
  if (to - from === 1) return 1;
  return to - from === 2 && bytes[from + 1] === DOT ? 2 : 0;
}

function decodeSegment(segment: Uint8Array, out: Buffer, outAt: number): number {
  let size = outAt;
  for (let at = 0; at < segment.length; at++) {
    const isEscape = segment[at] === PERCENT;
    out[size++] = isEscape ? decodeEscape(segment, at) : (segment[at] ?? 0);
    if (isEscape) at += 2;
  }
  return size;
}

function decodeEscape(segment: Uint8Array, at: number): number {
  const high = hexValue(segment[at + 1]);
  const low = hexValue(segment[at + 2]);
  if (high === -1 || low === -1) throw ProtocolError.malformed('http', 'an escape in the path that is not % and two hexadecimal digits');
  if (high === 0 && low === 0) throw ProtocolError.malformed('http', '%00 in the path');
  return high * 16 + low;
}
