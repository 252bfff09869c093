/** Range requests (RFC 9110 14). */

/** Bytes from the first one up to, and without, the second. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** All of it, these parts of it, or nothing, since none of the parts that were asked for exists. */
export type Selection = 'whole' | 'none' | readonly ByteRange[];

/** More parts than any client has use for; their heads alone would be work. */
const PARTS_MAX = 16;

/**
 * What of `size` bytes the Range field asks for. One that makes no sense, asks for a great number of parts, or for more bytes than there
 * are (parts that overlap) is answered with the whole, as RFC 9110 14.2 allows.
 */
export function selectRanges(field: string, size: number): Selection {
  const [, list] = /^bytes=(.*)$/i.exec(field) ?? [];
  // An empty file has no bytes to choose from.
  if (list === undefined || size === 0) return 'whole';
  const specs = list.split(',', PARTS_MAX + 1).map((spec) => spec.trim());
  if (specs.length > PARTS_MAX) return 'whole';
  const ranges = specs.filter((spec) => spec !== '').map((spec) => parseRange(spec, size));
  if (ranges.length === 0 || ranges.includes('senseless')) return 'whole';
  const found = ranges.filter((range) => typeof range === 'object');
  if (found.length === 0) return 'none';
  return found.reduce((sum, { from, to }) => sum + to - from, 0) > size ? 'whole' : found;
}

function parseRange(spec: string, size: number): ByteRange | 'missing' | 'senseless' {
  const [, first, last] = /^(\d{0,15})-(\d{0,15})$/.exec(spec) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'senseless';
  if (first === '') return last === '0' ? 'missing' : { from: Math.max(0, size - Number(last)), to: size };
  const from = Number(first);
  const to = last === '' ? size : Number(last) + 1;
  if (to <= from && last !== '') return 'senseless';
  return from >= size ? 'missing' : { from, to: Math.min(to, size) };
}

/** A part of a body: these bytes of a file, and what goes before them. */
export interface BodyPart extends ByteRange {
  readonly before: string;
}

/** A body of several parts (multipart/byteranges, RFC 9110 14.6). */
export interface Multipart {
  readonly type: string;
  readonly parts: readonly BodyPart[];
  /** What goes behind the last part. */
  readonly after: string;
  readonly length: number;
}

/** @param boundary what occurs in no part */
export function multipart(ranges: readonly ByteRange[], of: { size: number; type: string | undefined }, boundary: string): Multipart {
  const typeLine = of.type === undefined ? '' : `Content-Type: ${of.type}\r\n`;
  const parts = ranges.map(({ from, to }) => ({
    from,
    to,
    before: `\r\n--${boundary}\r\n${typeLine}Content-Range: ${contentRange({ from, to }, of.size)}\r\n\r\n`,
  }));
  const after = `\r\n--${boundary}--\r\n`;
  const length = parts.reduce((sum, { before, from, to }) => sum + before.length + to - from, after.length);
  return { type: `multipart/byteranges; boundary=${boundary}`, parts, after, length };
}

/** A Content-Range (RFC 9110 14.4), also of a request that asked for what is not there. */
export function contentRange(range: ByteRange | undefined, size: number): string {
  return range ? `bytes ${range.from}-${range.to - 1}/${size}` : `bytes */${size}`;
}
