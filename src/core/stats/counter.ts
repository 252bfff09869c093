/** A counter of 64 bits, little-endian: exact below 2^53. In halves, since a BigInt for each would take 30 times as long. */
export function readCounter(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}
