import { Buffer } from 'node:buffer';

/** Reads what wire/marshal.ts writes, as CPython's marshal.loads would: a dict of str → str. */
export function readMarshal(bytes: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  let at = 0;
  const readString = (): string | undefined => {
    const code = String.fromCharCode(bytes.readUInt8(at++));
    if (code === '0') return undefined;
    const size = code === 'z' ? bytes.readUInt8(at) : bytes.readUInt32LE(at);
    at += code === 'z' ? 1 : 4;
    at += size;
    if (at > bytes.length) throw new Error('a string runs past the end');
    return bytes.toString(code === 'u' ? 'utf8' : 'latin1', at - size, at);
  };
  if (bytes.readUInt8(at++) !== 0x7b) throw new Error('no dict');
  for (let key = readString(); key !== undefined; key = readString()) found[key] = readString() ?? '';
  if (at !== bytes.length) throw new Error(`${String(bytes.length - at)} bytes behind the dict`);
  return found;
}
