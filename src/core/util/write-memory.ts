/** So much can be put together: the head of a response, and as much of its body as comes in one frame. */
export const WRITE_MEMORY = 160 * 1024;
let memory: Buffer | undefined;

/**
 * Memory for so many bytes that are put together and written at once. The kernel mostly takes all of it, so that whoever writes next gets the same;
 * memory of its own for each write costs as much as the write.
 *
 * @param size up to WRITE_MEMORY
 */
export function writeMemory(size: number): Buffer {
  return (memory ??= Buffer.allocUnsafeSlow(WRITE_MEMORY)).subarray(0, size);
}

/** The kernel has not taken all that was written last: that stays where it is, and whoever writes next gets other memory. */
export function leaveWriteMemory(): void {
  memory = undefined;
}
