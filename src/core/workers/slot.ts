import type { Socket } from 'node:net';
import { WireError } from '../errors/wire.ts';
import { borrowReads } from '../util/borrowed-reads.ts';
import { joinInto } from '../util/buffers.ts';
import { FixedQueue } from '../util/fixed-queue.ts';
import { leaveWriteMemory, writeMemory } from '../util/write-memory.ts';
import { FrameReader, stampFrame } from '../wire/frames.ts';
import {
  decodeFile,
  decodeHello,
  decodeResponse,
  decodeReturned,
  decodeServiceTime,
  encodeCancel,
  encodeMove,
  encodeRequestBodyHead,
  encodeVerdict,
  encodeWelcome,
  hasWholeBody,
  KIND,
  REQUEST_FLAG,
  RESPONSE_FLAG,
  type ResponseMessage,
  type SentFile,
  type SlotName,
} from '../wire/messages.ts';

/** What a slot runs. The slot tells it what becomes of it. */
export interface SlotRequest {
  /** Its number on the wire, given by the slot. */
  id: number;
  /** The REQUEST frame. */
  readonly frame: Buffer;
  respond(message: ResponseMessage): void;
  /** Fields of a 103 that goes before the response. */
  inform(fields: Buffer): void;
  /** More of the response's body. @returns whether their memory is still needed */
  respondMore(pieces: readonly Buffer[]): 'keeps' | 'is done';
  respondEnd(how: 'properly' | 'aborted'): void;
  /** The rest of the response's body is in this file. Whether it is taken from here; otherwise the worker sends it itself. */
  takeFile(file: SentFile): Promise<boolean>;
  /** The slot's socket takes more of the request's body again. */
  drained(): void;
  /** Its worker has left it: that is done with it for certain, or is dead, or cannot be heard any more. */
  left(how: 'done' | 'unknown'): void;
}

/** Whoever uses a slot. */
export interface SlotEvents {
  /** The slot said its name and can be used. */
  opened(slot: Slot): void;
  /** A request ended. @param serviceUs see Prefetch.record */
  freed(slot: Slot, serviceUs: number): void;
  /** The slot has given these back, which it had not begun, the oldest first. */
  returned(slot: Slot, requests: readonly SlotRequest[]): void;
  /** The connection is gone; these requests had no complete response, the oldest first. */
  closed(slot: Slot, unanswered: readonly SlotRequest[]): void;
}

/**
 *     greeting ──HELLO──▶ open ──retire──▶ retiring ──last response──▶ closed
 *         └──────────────────┴── connection lost ─┴──────────────────────┘
 */
type State = 'greeting' | 'open' | 'retiring' | 'closed';

/** Frames of up to so much together are copied into one write. */
const JOINED_MAX = 64 * 1024;
/** Responses are read in pieces of at most this size: all that fits into the socket of a worker, as Linux makes it. */
const READ_SIZE = 256 * 1024;
/** A body waits at its client while more than this waits for the worker. */
const FULL = 256 * 1024;

let lastId = (Math.random() * 2 ** 31) >>> 0;

/** One thread of one worker as the gateway sees it: a connection on which requests go out and responses come in. */
export class Slot {
  name: SlotName = { site: '', generation: 0, seat: -1, worker: 0, core: 0, pid: 0 };
  /** When the oldest request got to the head of the line, by the clock given; the time limit counts from there. */
  oldestSince = 0;

  readonly #socket: Socket;
  readonly #eventsOf: (name: SlotName) => SlotEvents;
  /** Whoever uses it, once it has said its name. */
  #events: SlotEvents | undefined;
  readonly #clock: { readonly now: number };
  readonly #reader = new FrameReader(undefined, KIND.responseBody);
  #requests = new FixedQueue<SlotRequest>();
  #state: State = 'greeting';
  /** The request whose body is not complete: until it is, nothing else may be sent. */
  #streaming: SlotRequest | undefined;
  /** What one chunk brought of the body of the oldest request's response. */
  #more: Buffer[] = [];
  /** All is read into this, which is used again unless somebody still needs it. */
  #memory: Buffer | undefined;
  #batch: Buffer[] = [];
  #batchSize = 0;

  constructor(socket: Socket, eventsOf: (name: SlotName) => SlotEvents, clock: { readonly now: number }) {
    this.#socket = socket;
    this.#eventsOf = eventsOf;
    this.#clock = clock;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => this.#streaming?.drained());
    // What went wrong does not matter: 'close' follows, and the connection is gone.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  /** "worker 2 (pid 12)", for log lines. */
  get label(): string {
    return `worker ${this.name.worker} (pid ${this.name.pid})`;
  }

  get isOpen(): boolean {
    return this.#state === 'open' && this.#streaming === undefined;
  }

  get used(): number {
    return this.#requests.length;
  }

  get oldest(): SlotRequest | undefined {
    return this.#requests.peek();
  }

  /** What it was given and has not answered, the oldest first. */
  get requests(): Iterable<SlotRequest> {
    return this.#requests;
  }

  /** So much waits for the worker that a body should wait at its client. */
  get isFull(): boolean {
    return this.#socket.writableNeedDrain && this.#socket.writableLength + this.#batchSize > FULL;
  }

  send(request: SlotRequest): void {
    request.id = nextId();
    stampFrame(request.frame, request.id);
    if (this.#requests.length === 0) this.oldestSince = this.#clock.now;
    this.#requests.push(request);
    if (!hasWholeBody(request.frame)) this.#streaming = request;
    this.#write(request.frame);
  }

  /** More of the body of the request that was sent last. */
  sendBody(request: SlotRequest, pieces: readonly Buffer[], isLast: boolean): void {
    if (this.#streaming !== request) return;
    if (isLast) this.#streaming = undefined;
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    this.#write(encodeRequestBodyHead(request.id, isLast ? REQUEST_FLAG.complete : 0, size));
    for (const piece of pieces) if (piece.length > 0) this.#write(piece);
  }

  /** The client is gone. The worker still answers, so the slot stays taken until then. */
  cancel(request: SlotRequest): void {
    if (this.#streaming === request) this.#streaming = undefined;
    this.#write(encodeCancel(request.id));
  }

  /** The client does not read what the slot answers. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Takes no more requests, and closes once it has none. */
  retire(): void {
    if (this.#state === 'open') this.#state = 'retiring';
    this.#closeIfDone();
  }

  /** Takes no more requests, and goes to the gateway of this number once it has none. */
  move(to: number): void {
    if (this.#state !== 'open') return;
    this.#state = 'retiring';
    this.#write(encodeMove(to));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** @param frame a frame, or a part of one */
  #write(frame: Buffer): void {
    if (this.#state === 'closed') return;
    // One write for all that this turn of the event loop brings: the worker wakes up once for it.
    if (this.#batch.length === 0) setImmediate(this.#flush);
    this.#batch.push(frame);
    this.#batchSize += frame.length;
  }

  readonly #flush = (): void => {
    const frames = this.#batch;
    const size = this.#batchSize;
    this.#batch = [];
    this.#batchSize = 0;
    if (this.#state === 'closed') return;
    const [first] = frames;
    if (first && frames.length === 1) {
      this.#socket.write(first);
      return;
    }
    if (size > JOINED_MAX) {
      // One system call, and no copy of what is large.
      this.#socket.cork();
      for (const frame of frames) this.#socket.write(frame);
      this.#socket.uncork();
      return;
    }
    this.#socket.write(joinInto(writeMemory(size), frames));
    if (this.#socket.writableLength > 0) leaveWriteMemory();
  };

  #read(chunk: Buffer): void {
    const reader = this.#reader;
    try {
      reader.push(chunk);
      while (reader.next()) this.#receive(reader);
      this.#respondMore();
    } catch (error) {
      if (!(error instanceof WireError || error instanceof SyntaxError)) throw error;
      // The stream cannot be trusted any more; the worker comes back with a new connection.
      this.#socket.destroy();
    }
  }

  /** Where it cannot be, all is read as before. */
  #borrow(): void {
    borrowReads(this.#socket, {
      memory: () => (this.#memory ??= Buffer.allocUnsafeSlow(READ_SIZE)),
      take: (chunk) => this.#read(chunk),
    });
  }

  #receive(frame: FrameReader): void {
    if (this.#state === 'greeting') {
      this.name = decodeHello(frame);
      this.#state = 'open';
      this.#borrow();
      this.#write(encodeWelcome(process.pid));
      this.#events = this.#eventsOf(this.name);
      this.#events.opened(this);
      return;
    }
    if (frame.kind === KIND.returned) {
      this.#giveBack(decodeReturned(frame));
      return;
    }
    const request = this.#requests.peek();
    if (request?.id !== frame.id) throw WireError.unexpected(`a frame for request ${frame.id}, which is not its oldest`);
    if (frame.kind === KIND.responseBody) {
      this.#more.push(frame.bytes.subarray(frame.start, frame.end));
      return;
    }
    this.#respondMore();
    switch (frame.kind) {
      case KIND.response: {
        const message = decodeResponse(frame);
        request.respond(message);
        if (message.isEnd || message.isAborted) this.#finish(request, message.isEnd ? decodeServiceTime(frame) : Infinity);
        return;
      }
      case KIND.hints:
        request.inform(frame.bytes.subarray(frame.start, frame.end));
        return;
      case KIND.end:
        if ((frame.flags & RESPONSE_FLAG.given) === 0)
          request.respondEnd((frame.flags & RESPONSE_FLAG.aborted) === 0 ? 'properly' : 'aborted');
        if ((frame.flags & RESPONSE_FLAG.parted) === 0) this.#finish(request, Infinity);
        return;
      case KIND.file:
        // The worker waits for the verdict, so it is still this request that is the oldest.
        request.takeFile(decodeFile(frame)).then(
          (isTaken) => this.#write(encodeVerdict(request.id, isTaken)),
          () => this.#write(encodeVerdict(request.id, false)),
        );
        return;
      default:
        throw WireError.unexpected(`a frame of kind ${frame.kind}`);
    }
  }

  #respondMore(): void {
    if (this.#more.length === 0) return;
    const pieces = this.#more;
    this.#more = [];
    if (this.#requests.peek()?.respondMore(pieces) === 'keeps') this.#memory = undefined;
  }

  #finish(request: SlotRequest, serviceUs: number): void {
    this.#requests.shift();
    this.oldestSince = this.#clock.now;
    if (this.#streaming === request) this.#streaming = undefined;
    request.left('done');
    this.#events?.freed(this, serviceUs);
    this.#closeIfDone();
  }

  #giveBack(ids: ReadonlySet<number>): void {
    const all = [...this.#requests];
    const returned = all.filter(({ id }) => ids.has(id));
    this.#requests = new FixedQueue();
    for (const request of all) if (!ids.has(request.id)) this.#requests.push(request);
    if (this.#requests.peek() !== all[0]) this.oldestSince = this.#clock.now;
    for (const request of returned) request.left('done');
    this.#events?.returned(this, returned);
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#state === 'retiring' && this.#requests.length === 0) this.#socket.end();
  }

  #closed(): void {
    this.#state = 'closed';
    const unanswered = [...this.#requests];
    this.#batch = [];
    for (const request of unanswered) request.left('unknown');
    this.#events?.closed(this, unanswered);
  }
}

/** Never 0, and never the same twice among all slots, so that a scoreboard's old entry is not taken for a running request. */
function nextId(): number {
  lastId = (lastId + 1) >>> 0;
  if (lastId === 0) lastId = 1;
  return lastId;
}
