import { closeSync, openSync, writeSync } from 'node:fs';

/** Bytes of a slot, as python/tsuwsgi/linebuffers.py has them. */
export const LINE_BUFFER = 16_384;

/** What a worker leaves in a slot. */
export interface LeftLines {
  readonly lines?: string;
  /** How many lines the log did not take. */
  readonly dropped?: number;
  /** Lines before the others that are written already. */
  readonly written?: string;
}

/** Writes in a worker's place what it leaves, as python/tsuwsgi/linebuffers.py does, with something behind it that counts no more. */
export function leaveLines(path: string, slot: number, { lines = '', dropped = 0, written = '' }: LeftLines): void {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(Buffer.byteLength(written + lines), 0);
  head.writeUInt32LE(dropped, 4);
  head.writeUInt32LE(Buffer.byteLength(written), 8);
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.concat([head, Buffer.from(`${written}${lines}later`)]), 0, null, slot * LINE_BUFFER);
  closeSync(fd);
}
