import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { buildFrame, FrameReader } from '../../../src/core/wire/frames.ts';
import { encodeWelcome, KIND, REQUEST_FLAG, RESPONSE_FLAG, type SlotName } from '../../../src/core/wire/messages.ts';
import { within } from '../../helpers/eventually.ts';
import { readMarshal } from '../../helpers/packets.ts';

const PATIENCE_MS = 5000;
const WELCOME_SIZE = encodeWelcome(0).length;

/** A frame that the gateway sent. */
export interface Received {
  readonly kind: number;
  readonly id: number;
  /** What they say of the body. */
  readonly flags: number;
  readonly takesHints: boolean;
  readonly isCalm: boolean;
  readonly environ: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Answer {
  readonly status?: string;
  readonly fields?: string;
  readonly body?: string | Buffer;
  /** The application's Content-Length. */
  readonly length?: number;
  readonly serviceUs?: number;
  readonly flags?: number;
}

/** A whole response, unless `flags` say otherwise. */
export function responseFrame(
  id: number,
  { status = '200 OK', fields = '', body = '', length = -1, serviceUs = 50, flags = RESPONSE_FLAG.end }: Answer = {},
): Buffer {
  const head = Buffer.from(`${status}\r\n${fields}`, 'latin1');
  const fixed = Buffer.alloc(16);
  fixed.writeBigInt64LE(BigInt(length), 0);
  fixed.writeUInt32LE(head.length, 8);
  fixed.writeUInt32LE(serviceUs, 12);
  return buildFrame({ id, kind: KIND.response, flags, extra: Number(status.slice(0, 3)) }, fixed, head, Buffer.from(body));
}

/** The Python side of one slot, played by a test: it answers only when it is told to. */
export class FakeSlot {
  readonly socket: Socket;
  readonly name: SlotName;
  /** Frames that came and were not taken yet. */
  readonly #frames: Received[] = [];
  readonly #waiting: ((frame: Received) => void)[] = [];
  readonly ended: Promise<void>;
  /** Without the greeting. */
  receivedBytes = 0;

  constructor(path: string, name: Partial<SlotName> = {}) {
    this.name = { site: '', generation: 1, seat: 0, worker: 1, core: 0, pid: 12, ...name };
    this.socket = connect(path);
    const reader = new FrameReader(Infinity);
    this.socket.on('data', (chunk: Buffer) => {
      this.receivedBytes += chunk.length;
      reader.push(chunk);
      while (reader.next()) {
        if (reader.kind === KIND.welcome) this.receivedBytes -= WELCOME_SIZE;
        else this.#take(reader);
      }
    });
    this.socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => this.socket.once('close', () => resolve()));
    this.#write(KIND.hello, 0, Buffer.from(JSON.stringify(this.name)));
  }

  /** The frames that are here and that nobody took. */
  get pending(): readonly Received[] {
    return this.#frames;
  }

  next(): Promise<Received> {
    const frame = this.#frames.shift();
    if (frame) return Promise.resolve(frame);
    return within(PATIENCE_MS, 'a frame from the gateway', new Promise((resolve) => this.#waiting.push(resolve)));
  }

  respond(id: number, answer?: Answer): void {
    this.socket.write(responseFrame(id, answer));
  }

  hint(id: number, fields: string): void {
    this.#write(KIND.hints, id, Buffer.from(fields));
  }

  more(id: number, body: string | Buffer): boolean {
    return this.#write(KIND.responseBody, id, Buffer.from(body));
  }

  /** All of this file is the rest of the response. */
  offer(id: number, path: string): void {
    const { dev, ino, size } = statSync(path, { bigint: true });
    const fields = Buffer.alloc(32);
    for (const [at, value] of [0n, size, dev, ino].entries()) fields.writeBigUInt64LE(value, 8 * at);
    this.#write(KIND.file, id, Buffer.concat([fields, Buffer.from(path)]));
  }

  end(id: number, flags = 0): void {
    this.#write(KIND.end, id, Buffer.alloc(4), flags);
  }

  /** These have not been begun, and will not be. */
  giveBack(...ids: readonly number[]): void {
    const payload = Buffer.alloc(4 * ids.length);
    for (const [at, id] of ids.entries()) payload.writeUInt32LE(id, 4 * at);
    this.#write(KIND.returned, 0, payload);
  }

  /** Takes the next request and answers it with this body. */
  async serve(body: string): Promise<Received> {
    const request = await this.next();
    this.respond(request.id, { body });
    return request;
  }

  die(): void {
    this.socket.destroy();
  }

  // eslint-disable-next-line max-params -- the four things a frame has
  #write(kind: number, id: number, payload: Buffer, flags = 0): boolean {
    return this.socket.write(buildFrame({ id, kind, flags, extra: 0 }, payload));
  }

  #take(reader: FrameReader): void {
    const payload = Buffer.from(reader.bytes.subarray(reader.start, reader.end));
    const { kind, id } = reader;
    const takesHints = (reader.flags & REQUEST_FLAG.takesHints) !== 0;
    const isCalm = (reader.flags & REQUEST_FLAG.calm) !== 0;
    const flags = reader.flags & ~(REQUEST_FLAG.takesHints | REQUEST_FLAG.calm);
    const bodyAt = kind === KIND.request ? 8 + payload.readUInt32LE(0) : 0;
    const environ = kind === KIND.request ? readMarshal(payload.subarray(8, bodyAt)) : {};
    const frame = { kind, id, flags, takesHints, isCalm, environ, body: payload.subarray(bodyAt) };
    const waiting = this.#waiting.shift();
    if (waiting) waiting(frame);
    else this.#frames.push(frame);
  }
}
