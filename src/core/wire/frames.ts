/**
 * Frames between the gateway and a slot, over one Unix socket. Little-endian:
 *
 *     | payload size u32 | request id u32 | kind u8 | flags u8 | extra u16 | payload |
 */
import { WireError } from '../errors/wire.ts';

export const FRAME_HEAD = 12;
export const FRAME_FLAGS = 9;
export const FRAME_EXTRA = 10;

/** The largest payload that we accept: a response head of any sane size and 128 KiB of body beside it. */
const MAX_PAYLOAD = 1024 * 1024;
/** No kind of frame. */
const NONE = -1;

export interface FrameHead {
  readonly id: number;
  readonly kind: number;
  readonly flags: number;
  readonly extra: number;
}

/** Writes the head of a frame into `frame`, which has room for its payload as well unless the size of that is given. */
export function writeFrameHead(frame: Buffer, { id, kind, flags, extra }: FrameHead, size = frame.length - FRAME_HEAD): void {
  frame.writeUInt32LE(size, 0);
  frame.writeUInt32LE(id, 4);
  frame[8] = kind;
  frame[9] = flags;
  frame.writeUInt16LE(extra, FRAME_EXTRA);
}

/** A frame of these parts. */
export function buildFrame(head: FrameHead, ...parts: readonly Uint8Array[]): Buffer {
  const frame = Buffer.concat([Buffer.alloc(FRAME_HEAD), ...parts]);
  writeFrameHead(frame, head);
  return frame;
}

/** Gives a frame that is ready but for its id the one under which it is sent. */
export function stampFrame(frame: Buffer, id: number): void {
  frame.writeUInt32LE(id, 4);
}

/**
 * Cuts a stream of chunks into frames: `push` a chunk, then read the fields after each `next()` that says true.
 * A cursor and not a list of objects, because tens of thousands of frames a second come by.
 *
 * Frames of one kind may be given in parts, each as soon as it is here, with the head of its frame: what only goes on need not be joined.
 */
export class FrameReader implements FrameHead {
  id = 0;
  kind = 0;
  flags = 0;
  extra = 0;
  /** The payload of the current frame is `bytes` from `start` up to `end`. */
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;

  readonly #limit: number;
  readonly #inParts: number;
  /** Bytes that are missing of a frame that is given in parts. */
  #left = 0;
  #next = 0;
  /** Chunks of a frame that is not complete yet; they are joined once, when its last byte is here. */
  #waiting: Buffer[] = [];
  #waitingSize = 0;
  #wanted = FRAME_HEAD;

  /**
   * @param limit the largest payload, in bytes
   * @param inParts the kind of frames that are given in parts
   */
  constructor(limit = MAX_PAYLOAD, inParts = NONE) {
    this.#limit = limit;
    this.#inParts = inParts;
  }

  /** @param chunk whose memory may be used again once nothing more comes of it */
  push(chunk: Buffer): void {
    if (this.#waitingSize === 0) {
      this.#use(chunk);
      return;
    }
    this.#waitingSize += chunk.length;
    if (this.#waitingSize < this.#wanted) {
      this.#waiting.push(Buffer.from(chunk));
      return;
    }
    const joined = Buffer.concat([...this.#waiting, chunk], this.#waitingSize);
    this.#waiting = [];
    this.#waitingSize = 0;
    this.#use(joined);
  }

  /** Moves to the next complete frame, or the next part of one; false while its bytes are missing. */
  next(): boolean {
    if (this.#waitingSize > 0) return false;
    if (this.#left > 0) return this.#nextPart();
    const { bytes } = this;
    const at = this.#next;
    if (bytes.length - at < FRAME_HEAD) return this.#keep(FRAME_HEAD);
    const size = bytes.readUInt32LE(at);
    // Checked before the payload arrives: the other side must not make us hold more than we would accept.
    if (size > this.#limit) throw WireError.frameTooLarge(size, this.#limit);
    const isPart = bytes.length - at < FRAME_HEAD + size;
    if (isPart && bytes.readUInt8(at + 8) !== this.#inParts) return this.#keep(FRAME_HEAD + size);

    this.id = bytes.readUInt32LE(at + 4);
    this.kind = bytes.readUInt8(at + 8);
    this.flags = bytes.readUInt8(at + 9);
    this.extra = bytes.readUInt16LE(at + 10);
    this.start = at + FRAME_HEAD;
    this.end = this.start + size;
    this.#next = this.end;
    if (!isPart) return true;
    this.#next = this.start;
    this.#left = size;
    return this.#nextPart();
  }

  #nextPart(): boolean {
    const { bytes } = this;
    this.start = this.#next;
    this.end = Math.min(bytes.length, this.start + this.#left);
    const size = this.end - this.start;
    this.#next = this.end;
    this.#left -= size;
    if (size === 0) this.#use(Buffer.alloc(0));
    return size > 0;
  }

  #use(bytes: Buffer): void {
    this.bytes = bytes;
    this.#next = 0;
  }

  #keep(wanted: number): false {
    const rest = this.bytes.subarray(this.#next);
    this.#use(Buffer.alloc(0));
    if (rest.length === 0) return false;
    this.#waiting.push(Buffer.from(rest));
    this.#waitingSize = rest.length;
    this.#wanted = wanted;
    return false;
  }
}
