const SIZE = 256 * 1024;
let memory: Buffer | undefined;

/** All clients are read into this memory: what is in it is seen to, or copied, before the next read. */
export function lentMemory(): Buffer {
  return (memory ??= Buffer.allocUnsafeSlow(SIZE));
}
