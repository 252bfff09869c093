/**
 * What the gateway and a slot say to each other; python/tsuwsgi/wire.py is the twin of this file.
 *
 *     gateway → slot   WELCOME  | pid u32 |                                                          answers HELLO
 *                      REQUEST  | environ size u32 | packet size u32 | environ (marshal) | body |    extra = pairs
 *                               | … | environ (marshal) | size u32 | name |                         flags: SHARED; the body is in that file
 *                      BODY     | more body |                                                        flags: LAST
 *                      CANCEL                                                                        the client is gone
 *                      VERDICT                                                                       flags: TAKEN
 *                      MOVE                                                                          extra = the gateway to go to, from 1 on
 *     slot → gateway   HELLO    | JSON |                                                             the first frame
 *                      RESPONSE | content length i64 | head size u32 | service µs u32 | head | body |  extra = status
 *                      HINTS    | "Name: value\r\n…" |                                                what the client may prepare for
 *                      BODY     | more body |
 *                      FILE     | position u64 | size u64 | device u64 | inode u64 | path |          the rest of the body, on offer
 *                      END      | service µs u32 |                                                   flags: ABORTED, PARTED, GIVEN
 *                      RETURNED | request id u32 | … |                                               these will not be begun here
 *
 * A response's head is "200 OK\r\nName: value\r\n…" without the blank line.
 */
import { WireError } from '../errors/wire.ts';
import { buildFrame, FRAME_EXTRA, FRAME_FLAGS, FRAME_HEAD, writeFrameHead, type FrameReader } from './frames.ts';
import type { MarshalWriter } from './marshal.ts';

export const KIND = {
  request: 1,
  requestBody: 2,
  cancel: 3,
  verdict: 4,
  move: 5,
  welcome: 6,
  hello: 16,
  response: 17,
  responseBody: 18,
  end: 19,
  hints: 20,
  file: 21,
  returned: 22,
} as const;

export const REQUEST_FLAG = {
  /** The body is complete: in REQUEST all of it is here, in BODY this is the last piece. */
  complete: 1,
  /** Nobody knows how long the body will be. */
  unknownLength: 2,
  /** The client understands an informational response. */
  takesHints: 4,
  /** The request has no line in the log. */
  muted: 8,
  /** All of the body is in shared memory, and REQUEST tells where. */
  shared: 16,
  /** So few requests run that a processor has time to look out for the next. */
  calm: 32,
} as const;

export const RESPONSE_FLAG = {
  /** All of the response is in this frame. */
  end: 1,
  /** The application failed midway. */
  aborted: 2,
  /** In END: the client has all of it, but the application goes on; another END follows when the slot is free. */
  parted: 4,
  /** In END: the gateway has taken the file that is the rest of the body, and the slot is free. */
  given: 8,
} as const;

/** In VERDICT: the file is the gateway's to send. */
const TAKEN = 1;
const FILE_HEAD = 32;

const REQUEST_HEAD = 8;
const SHARED_HEAD = 4;
const RESPONSE_HEAD = 16;

/** What stands in front of an environ in a REQUEST frame: a MarshalWriter that leaves this room writes whole frames. */
export const REQUEST_ROOM = FRAME_HEAD + REQUEST_HEAD;

/** Who a slot is. */
export interface SlotName {
  /** The applications that its worker runs, by the name of their site. */
  readonly site: string;
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

/** In place of a body: it is in the shared file of this name, from the beginning on. */
export function encodeSharedBody(name: string, size: number): Buffer {
  const reference = Buffer.alloc(SHARED_HEAD + name.length);
  reference.writeUInt32LE(size, 0);
  reference.write(name, SHARED_HEAD, 'latin1');
  return reference;
}

/** How large the environ of this REQUEST frame is, as the log tells it: its pairs, and the bytes that they would have in a uwsgi packet. */
export function environSize(request: Buffer): { pairs: number; packetSize: number } {
  return { pairs: request.readUInt16LE(FRAME_EXTRA), packetSize: request.readUInt32LE(FRAME_HEAD + 4) };
}

/** Lets the request of this REQUEST frame have no line in the log. */
export function muteRequest(request: Buffer): void {
  setFlag(request, REQUEST_FLAG.muted, true);
}

export function isMuted(request: Buffer): boolean {
  return (request.readUInt8(FRAME_FLAGS) & REQUEST_FLAG.muted) !== 0;
}

/** Tells the slot of this REQUEST frame whether it is one of few. */
export function tellCalm(request: Buffer, isCalm: boolean): void {
  setFlag(request, REQUEST_FLAG.calm, isCalm);
}

/** Whether this REQUEST frame brings all of the body. */
export function hasWholeBody(request: Buffer): boolean {
  return (request.readUInt8(FRAME_FLAGS) & REQUEST_FLAG.complete) !== 0;
}

/** What stands in front of so many bytes of a body. */
export function encodeRequestBodyHead(id: number, flags: number, size: number): Buffer {
  const head = Buffer.allocUnsafe(FRAME_HEAD);
  writeFrameHead(head, { id, kind: KIND.requestBody, flags, extra: 0 }, size);
  return head;
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

/** The rest of a body, in a file that an application has open. */
export interface SentFile {
  readonly position: number;
  readonly size: number;
  /** Which file it is, as stat(2) tells. */
  readonly device: bigint;
  readonly inode: bigint;
  /** Where it is: its bytes. */
  readonly path: Buffer;
}

export function decodeFile({ bytes, start, end }: FrameReader): SentFile {
  if (end - start <= FILE_HEAD) throw WireError.unexpected('a file without a path');
  return {
    position: Number(bytes.readBigUInt64LE(start)),
    size: Number(bytes.readBigUInt64LE(start + 8)),
    device: bytes.readBigUInt64LE(start + 16),
    inode: bytes.readBigUInt64LE(start + 24),
    path: Buffer.from(bytes.subarray(start + FILE_HEAD, end)),
  };
}

/** The ids of the requests that a slot gives back. */
export function decodeReturned({ bytes, start, end }: FrameReader): ReadonlySet<number> {
  if ((end - start) % 4 !== 0) throw WireError.unexpected(`${end - start} bytes of request ids`);
  const ids = new Set<number>();
  for (let at = start; at + 4 <= end; at += 4) ids.add(bytes.readUInt32LE(at));
  return ids;
}

/** Answers an offer: whether the gateway sends that file. */
export function encodeVerdict(id: number, isTaken: boolean): Buffer {
  return buildFrame({ id, kind: KIND.verdict, flags: isTaken ? TAKEN : 0, extra: 0 });
}

/** Nothing follows on this connection: the slot goes to the gateway of this number. */
export function encodeMove(to: number): Buffer {
  return buildFrame({ id: 0, kind: KIND.move, flags: 0, extra: to });
}

/** Tells a slot which process the gateway is. */
export function encodeWelcome(pid: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32LE(pid);
  return buildFrame({ id: 0, kind: KIND.welcome, flags: 0, extra: 0 }, payload);
}

/** How long the application took, in microseconds, from the frame that ends a response. */
export function decodeServiceTime(frame: FrameReader): number {
  const at = frame.kind === KIND.end ? frame.start : frame.start + 12;
  if (at + 4 > frame.end) throw WireError.unexpected('an end without a service time');
  return frame.bytes.readUInt32LE(at);
}

function setFlag(frame: Buffer, flag: number, isSet: boolean): void {
  const flags = frame.readUInt8(FRAME_FLAGS);
  frame.writeUInt8(isSet ? flags | flag : flags & ~flag, FRAME_FLAGS);
}

/** As two halves: a BigInt for each response would cost more than the rest of its head. */
function readInt64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readInt32LE(at + 4) * 2 ** 32;
}

function isSlotName(value: unknown): value is SlotName {
  if (typeof value !== 'object' || value === null) return false;
  if (typeof Reflect.get(value, 'site') !== 'string') return false;
  return ['generation', 'seat', 'worker', 'core', 'pid'].every((key) => Number.isInteger(Reflect.get(value, key)));
}
