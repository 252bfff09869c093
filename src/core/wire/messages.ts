/**
 * What the gateway and a slot say to each other; python/tsuwsgi/wire.py is the twin of this file.
 *
 *     gateway → slot   REQUEST  | environ size u32 | packet size u32 | environ (marshal) | body |    extra = pairs
 *                      BODY     | more body |                                                        flags: LAST
 *                      CANCEL                                                                        the client is gone
 *     slot → gateway   HELLO    | JSON |                                                             the first frame
 *                      RESPONSE | content length i64 | head size u32 | service µs u32 | head | body |  extra = status
 *                      HINTS    | "Name: value\r\n…" |                                                what the client may prepare for
 *                      BODY     | more body |
 *                      END      | service µs u32 |                                                   flags: ABORTED, PARTED
 *
 * A response's head is "200 OK\r\nName: value\r\n…" without the blank line.
 */
import { WireError } from '../errors/wire.ts';
import { buildFrame, FRAME_FLAGS, FRAME_HEAD, writeFrameHead, type FrameReader } from './frames.ts';
import type { MarshalWriter } from './marshal.ts';

export const KIND = { request: 1, requestBody: 2, cancel: 3, hello: 16, response: 17, responseBody: 18, end: 19, hints: 20 } as const;

export const REQUEST_FLAG = {
  /** The body is complete: in REQUEST all of it is here, in BODY this is the last piece. */
  complete: 1,
  /** Nobody knows how long the body will be. */
  unknownLength: 2,
  /** The client understands an informational response. */
  takesHints: 4,
} as const;

export const RESPONSE_FLAG = {
  /** All of the response is in this frame. */
  end: 1,
  /** The application failed midway. */
  aborted: 2,
  /** In END: the client has all of it, but the application goes on; another END follows when the slot is free. */
  parted: 4,
} as const;

const REQUEST_HEAD = 8;
const RESPONSE_HEAD = 16;

/** What stands in front of an environ in a REQUEST frame: a MarshalWriter that leaves this room writes whole frames. */
export const REQUEST_ROOM = FRAME_HEAD + REQUEST_HEAD;

/** Who a slot is. */
export interface SlotName {
  readonly generation: number;
  readonly seat: number;
  readonly worker: number;
  readonly core: number;
  readonly pid: number;
}

/** The beginning of a response; `bytes` belongs to the socket's chunk and is not changed afterwards. */
export interface ResponseMessage {
  readonly status: number;
  /** What the application's Content-Length header says; -1 when it sent none. */
  readonly contentLength: number;
  readonly bytes: Buffer;
  readonly headStart: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly isEnd: boolean;
  readonly isAborted: boolean;
}

/**
 * A REQUEST frame, whole but for its id, from the environ that `environ` holds (it was given REQUEST_ROOM).
 * The environ is copied: the writer may go on to the next request at once.
 */
export function encodeRequest(environ: MarshalWriter, flags: number, body?: Buffer): Buffer {
  const head = environ.end();
  const frame = Buffer.allocUnsafe(head.length + (body ? body.length : 0));
  frame.set(head, 0);
  if (body) frame.set(body, head.length);
  writeFrameHead(frame, { id: 0, kind: KIND.request, flags, extra: environ.pairs });
  frame.writeUInt32LE(head.length - REQUEST_ROOM, FRAME_HEAD);
  frame.writeUInt32LE(environ.packetSize, FRAME_HEAD + 4);
  return frame;
}

/** Whether this REQUEST frame brings all of the body. */
export function hasWholeBody(request: Buffer): boolean {
  return (request.readUInt8(FRAME_FLAGS) & REQUEST_FLAG.complete) !== 0;
}

export function encodeRequestBody(id: number, flags: number, body: Buffer): Buffer {
  return buildFrame({ id, kind: KIND.requestBody, flags, extra: 0 }, body);
}

export function encodeCancel(id: number): Buffer {
  return buildFrame({ id, kind: KIND.cancel, flags: 0, extra: 0 });
}

export function decodeHello(frame: FrameReader): SlotName {
  if (frame.kind !== KIND.hello) throw WireError.unexpected(`frame ${frame.kind} before its name`);
  const hello: unknown = JSON.parse(frame.bytes.toString('utf8', frame.start, frame.end));
  if (!isSlotName(hello)) throw WireError.unexpected('a name that is none');
  return hello;
}

export function decodeResponse(frame: FrameReader): ResponseMessage {
  const { bytes, start, end, flags } = frame;
  if (end - start < RESPONSE_HEAD) throw WireError.unexpected(`a response of ${end - start} bytes`);
  const headStart = start + RESPONSE_HEAD;
  const bodyStart = headStart + bytes.readUInt32LE(start + 8);
  if (bodyStart > end) throw WireError.unexpected('a response head that runs past its frame');
  return {
    status: frame.extra,
    contentLength: readInt64(bytes, start),
    bytes,
    headStart,
    bodyStart,
    bodyEnd: end,
    isEnd: (flags & RESPONSE_FLAG.end) !== 0,
    isAborted: (flags & RESPONSE_FLAG.aborted) !== 0,
  };
}

/** How long the application took, in microseconds, from the frame that ends a response. */
export function decodeServiceTime(frame: FrameReader): number {
  const at = frame.kind === KIND.end ? frame.start : frame.start + 12;
  if (at + 4 > frame.end) throw WireError.unexpected('an end without a service time');
  return frame.bytes.readUInt32LE(at);
}

/** As two halves: a BigInt for each response would cost more than the rest of its head. */
function readInt64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readInt32LE(at + 4) * 2 ** 32;
}

function isSlotName(value: unknown): value is SlotName {
  if (typeof value !== 'object' || value === null) return false;
  return ['generation', 'seat', 'worker', 'core', 'pid'].every((key) => Number.isInteger(Reflect.get(value, key)));
}
