import type { Socket } from 'node:net';
import { ProtocolError } from '../errors/protocol.ts';
import { checkBodySize } from '../protocol/body-limit.ts';
import { readBody, type BodyReader } from '../protocol/http/request-body.ts';
import type { RequestHead, RequestReader } from '../protocol/request-reader.ts';
import type { ResponseMemory, ResponseWriter } from '../protocol/response.ts';
import type { EnvironWriter } from '../protocol/environ.ts';
import { marshalKey, type MarshalPart } from '../wire/marshal.ts';
import { encodeRequest, REQUEST_FLAG } from '../wire/messages.ts';
import { borrowReads } from '../util/borrowed-reads.ts';
import { joined, POOLED } from '../util/buffers.ts';
import { BodyBuffer, type BodyOwner, SMALL } from './body-buffer.ts';
import type { BodyStore } from './body-store.ts';
import type { Counters } from './counters.ts';
import type { Caller } from './caller.ts';
import { BODY_AHEAD, requestWith } from './collected-request.ts';
import type { Expiring } from './deadlines.ts';
import type { Destination } from './destination.ts';
import type { ClientConnection, Door } from './door.ts';
import { Exchange, type Client } from './exchange.ts';
import { lentMemory } from './lent-memory.ts';
import { checkDirected } from './misdirected.ts';
import { Outlet } from './outlet.ts';
import { ownPage } from './own-page.ts';
import { Pace } from './pace.ts';
import { awaitLastWords, LINGER_MS } from './patience.ts';
import type { Source } from './source.ts';

/**
 *     idle ──bytes──▶ head ──complete──▶ body ──complete──▶ busy ──response──▶ idle
 *       │               │                  │                  │
 *       └───────────────┴──── refused, or the last response ──┴──▶ lingering ──▶ closed
 *
 * Where bodies are not collected, 64 KiB of one are enough; while busy, the rest goes on to its slot. The bytes of later requests are kept.
 */
type State = 'idle' | 'head' | 'body' | 'busy' | 'lingering' | 'closed';

/** Bytes of later requests that we keep while one runs. */
const PIPELINE_MAX = 64 * 1024;

/** So much is copied at a time of what begins with a head, since a body behind it may not have to be. It has a place in Node's pool. */
const COPIED = POOLED - 1;

const NOTHING = Buffer.alloc(0);
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
const KEYS = {
  contentLength: marshalKey('CONTENT_LENGTH'),
  transferEncoding: marshalKey('HTTP_TRANSFER_ENCODING'),
};

/** A request with a body that is on its way in. */
interface Incoming {
  readonly head: RequestHead;
  readonly body: BodyReader;
  /** Without what only the end of the body decides. */
  readonly environ: MarshalPart;
  /** All of the body is collected before a worker has the request. */
  readonly isCollected: boolean;
  /** Where that is, if it did not come all at once. */
  buffer: BodyBuffer | undefined;
  readonly pace: Pace;
  /** What came of a body that is not collected before a worker had the request. */
  readonly pieces: Buffer[];
  size: number;
}

/** One client of HTTP, SCGI or uwsgi: reads its requests, one after another, and writes the responses. */
export class Connection implements Client, ClientConnection, Expiring, BodyOwner {
  deadline: number;

  readonly #caller: Caller;
  readonly #socket: Socket;
  readonly #door: Door;
  readonly #reader: RequestReader;
  readonly #outlet: Outlet;
  #state: State = 'idle';
  /** No request has come yet. */
  #isFresh = true;
  /** The client will send nothing more. */
  #hasEnded = false;
  #constants: MarshalPart | undefined;
  #destination: Destination;
  #head: RequestHead | undefined;
  #incoming: Incoming | undefined;
  #exchange: Exchange | undefined;
  /** Bytes behind the current request. */
  #later: Buffer = NOTHING;
  /** The memory of what comes is used again for what comes next. */
  #isBorrowing = false;
  /** What is read at the moment is in that memory. */
  #isLent = false;

  constructor(caller: Caller, door: Door, reader: RequestReader) {
    const { socket } = caller;
    this.#caller = caller;
    this.#socket = socket;
    this.#door = door;
    this.#destination = door.workers;
    this.#reader = reader;
    this.#outlet = new Outlet(socket, { timeoutMs: () => door.socketTimeoutMs, isPlain: caller.transport === socket });
    this.deadline = door.deadlines.after(door.socketTimeoutMs);
    door.deadlines.watch(this);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('end', () => this.#ended());
    // What went wrong does not matter: 'close' follows, and the client is gone.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
    // A body that goes on as it comes would have to be copied out of that memory.
    if (door.bodies.isCollecting) this.#borrow();
  }

  get isPersistent(): boolean {
    const isLast = this.#hasEnded && this.#later.length === 0;
    return this.#head?.isPersistent === true && this.#isBodyComplete && !isLast && !this.#door.isStopping();
  }

  get counters(): Counters {
    return this.#door.counters;
  }

  get bodies(): BodyStore {
    return this.#door.bodies;
  }

  get activity(): 'idle' | 'speaking' | 'busy' {
    if (this.#state === 'idle') return 'idle';
    return this.#state === 'head' ? 'speaking' : 'busy';
  }

  /** The gateway takes no new requests: ends at once between two of them, after the response within one. */
  stop(): void {
    if (this.#state !== 'idle') return;
    if (this.#isFresh) awaitLastWords(this, this.#door);
    else this.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  get memory(): ResponseMemory {
    return this.#outlet;
  }

  write(bytes: Buffer): void {
    this.#outlet.write(bytes, this.#exchange?.source);
  }

  writeAll(pieces: readonly Buffer[]): void {
    this.#outlet.writeAll(pieces, this.#exchange?.source);
  }

  get isBehind(): boolean {
    return this.#outlet.isBehind;
  }

  inform(fields: Buffer): void {
    const hints = this.#reader.inform?.(fields);
    if (hints) this.write(hints);
  }

  respond(isPersistent: boolean): ResponseWriter {
    return this.#reader.respond(isPersistent);
  }

  responded(connection: 'goes on' | 'ends'): void {
    const isAllSaid = this.#isAllSaid;
    this.#release();
    if (connection === 'ends' || this.#door.isStopping()) {
      if (isAllSaid && this.#socket.writableLength === 0) this.destroy();
      else this.#linger();
      return;
    }
    this.#state = 'idle';
    this.deadline = this.#door.deadlines.after(this.#door.keepAliveMs);
    if (this.#later.length > 0 || this.#hasEnded) queueMicrotask(() => this.#next());
  }

  cut(how: 'properly' | 'by reset'): void {
    this.#release();
    // A response without a length would look complete if the connection were closed in the usual way.
    if (how === 'by reset' && this.#caller.transport.remoteAddress !== undefined) this.#caller.transport.resetAndDestroy();
    else this.#linger();
  }

  wanted(): void {
    if (this.#exchange?.slot?.isFull || this.#isBodyComplete) return;
    this.deadline = this.#door.deadlines.after(this.#door.socketTimeoutMs);
    this.#socket.resume();
  }

  release(source: Source | undefined): void {
    this.#outlet.release(source);
  }

  unwanted(): void {
    this.deadline = Infinity;
    this.#socket.pause();
  }

  answered(): void {
    this.#incoming?.buffer?.release();
    if (!this.#isBodyComplete) this.unwanted();
  }

  collected(): void {
    const incoming = this.#incoming;
    if (!incoming?.buffer) return;
    const { head, environ: part } = incoming;
    const addsLength = head.body.kind === 'chunked';
    const exchange = requestWith(incoming.buffer, this, { environ: this.#door.environ, part, flags: hintsFlag(head), addsLength });
    this.#submit(exchange);
    if (this.#hasEnded && exchange.state === 'queued') this.destroy();
  }

  relieved(): void {
    if (this.#state !== 'body' || !this.#incoming || !this.#socket.isPaused()) return;
    this.deadline = this.#incoming.pace.resume();
    this.#socket.resume();
  }

  failed(error: ProtocolError): void {
    this.#refuse(error);
  }

  replaced(by: Exchange): void {
    this.#exchange = by;
  }

  log(status: number, reason: string): void {
    this.#door.log(`[gateway] ${this.#caller.address || '-'} "${this.#reader.describe()}" ${status || 'closed'}: ${reason}`);
  }

  expire(): void {
    switch (this.#state) {
      case 'idle':
        this.destroy();
        return;
      case 'head':
      case 'body':
      case 'busy':
        this.#refuse(ProtocolError.refused(408, 'the rest of the request did not come in time'));
        return;
      case 'lingering':
        if (this.#socket.writableLength === 0) this.destroy();
        else this.deadline = this.#door.deadlines.after(LINGER_MS);
        return;
      case 'closed':
        return;
    }
  }

  get #isBodyComplete(): boolean {
    return this.#incoming === undefined || this.#incoming.body.isComplete;
  }

  /**
   * The client has said itself that this request is its last, and all of it is here: nobody is left whom closing at once would interrupt
   * (RFC 9112, 9.6), and we need not wait for its end. TLS has words of its own for that.
   */
  get #isAllSaid(): boolean {
    const isLast = this.#head?.isPersistent === false && this.#isBodyComplete && this.#later.length === 0;
    return isLast && this.#caller.transport === this.#socket;
  }

  get #isBetween(): boolean {
    return this.#state === 'idle' || this.#state === 'head';
  }

  #read(chunk: Buffer): void {
    try {
      this.#take(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error);
    }
  }

  /** What the socket has lent us: whoever keeps some of it takes `#own`. */
  #readLent(chunk: Buffer): void {
    this.#isLent = true;
    this.#read(chunk);
    this.#isLent = false;
  }

  #own(bytes: Buffer): Buffer {
    return this.#isLent ? Buffer.from(bytes) : bytes;
  }

  #take(chunk: Buffer): void {
    switch (this.#state) {
      case 'idle':
      case 'head':
        this.#serve(chunk);
        return;
      case 'body':
      case 'busy':
        if (!this.#incoming || this.#incoming.body.isComplete) this.#keep(chunk);
        else if (this.#exchange) this.#forward(this.#incoming, chunk, this.#exchange);
        else this.#collect(this.#incoming, chunk);
        return;
      case 'lingering':
      case 'closed':
        return;
    }
  }

  /**
   * The life of a request: its head is read; then its body; then it waits for a slot.
   * The slot's answer comes through the exchange to `write` and `responded`, and from there the next request comes back to here.
   */
  #serve(chunk: Buffer): void {
    // The reader keeps a head as long as its request runs.
    const pushed = this.#isLent ? Buffer.from(chunk.subarray(0, COPIED)) : chunk;
    const head = this.#reader.push(pushed);
    if (!head) {
      this.#waitForHead();
      if (pushed.length < chunk.length) this.#serve(chunk.subarray(pushed.length));
      return;
    }
    const at = pushed.length - this.#reader.rest.length;
    this.#begin(head, at === chunk.length ? NOTHING : chunk.subarray(at));
  }

  /** @param rest what came with the head, behind it */
  #begin(head: RequestHead, rest: Buffer): void {
    this.#isFresh = false;
    this.#head = head;
    if (head.answer) {
      this.#answer(head.answer);
      return;
    }
    checkDirected(this.#caller, this.#reader.host ?? '');
    this.#destination = this.#receive();
    // From here on whoever refuses the request tells its destination.
    this.#state = 'body';
    const { environ, limitPost } = this.#door;

    const { body } = head;
    if (body.kind === 'length' && body.length <= rest.length && body.length <= SMALL) {
      checkBodySize(body.length, limitPost);
      this.#keep(body.length === 0 ? rest : rest.subarray(body.length));
      const all = body.length === 0 ? undefined : rest.subarray(0, body.length);
      this.#submit(new Exchange(this, encodeRequest(environ, REQUEST_FLAG.complete | hintsFlag(head), all)));
      return;
    }
    const incoming = (this.#incoming = this.#expectBody(head, environ.takePart()));
    if (head.expectsContinue && rest.length === 0) this.#socket.write(CONTINUE);
    this.#collect(incoming, rest);
  }

  #expectBody(head: RequestHead, environ: MarshalPart): Incoming {
    const { bodies, deadlines, limitPost, socketTimeoutMs } = this.#door;
    const body = readBody(head.body, limitPost);
    const isCollected = bodies.isCollecting && this.#destination.isForWorkers;
    // There may have been bytes in the socket before, which kept it from that.
    if (isCollected && (head.body.kind === 'chunked' || head.body.length > SMALL)) this.#borrow();
    return { head, body, environ, isCollected, buffer: undefined, pace: new Pace(socketTimeoutMs, deadlines), pieces: [], size: 0 };
  }

  /** Where it cannot be, all is read as ever. Bytes that are encrypted come in pieces of 16 KiB, whatever memory is theirs. */
  #borrow(): void {
    if (this.#isBorrowing || this.#caller.transport !== this.#socket) return;
    this.#isBorrowing = borrowReads(this.#socket, { memory: lentMemory, take: (chunk) => this.#readLent(chunk) });
  }

  /** A question to the server itself, which is the only one on its connection. */
  #answer(bytes: Buffer): void {
    this.write(bytes);
    this.#linger();
  }

  /** Writes the environ, and tells where the request goes. */
  #receive(): Destination {
    const { environ, workers, receivers } = this.#door;
    if (receivers) return receivers.receive(environ, (to) => this.#writeAll(to));
    environ.begin((this.#constants ??= this.#prepareConstants()));
    this.#reader.writeEnviron(environ);
    return workers;
  }

  /** A head has its time, however its bytes are dealt out. */
  #waitForHead(): void {
    if (this.#reader.isEmpty) return;
    if (this.#state === 'idle') this.deadline = this.#door.deadlines.after(this.#door.headTimeoutMs);
    this.#state = 'head';
  }

  #collect(incoming: Incoming, chunk: Buffer): void {
    const pieces = this.#readBody(incoming, chunk);
    if (incoming.isCollected && (incoming.buffer || !this.#isBodyComplete)) {
      this.#store(incoming, pieces);
      return;
    }
    for (const piece of pieces) {
      // What is complete goes into the frame of its request at once.
      incoming.pieces.push(this.#isBodyComplete ? piece : this.#own(piece));
      incoming.size += piece.length;
    }
    if (!this.#isBodyComplete && incoming.size < BODY_AHEAD) {
      this.deadline = this.#door.deadlines.after(this.#door.socketTimeoutMs);
      return;
    }
    // The rest stays with the client until a slot wants it.
    if (!this.#isBodyComplete) this.#socket.pause();
    const frame = this.#encode(incoming);
    incoming.pieces.length = 0;
    this.#submit(new Exchange(this, frame));
  }

  /** All of the body goes into a buffer, at the speed of the client and of the disk. */
  #store(incoming: Incoming, pieces: readonly Buffer[]): void {
    const { body, pace } = incoming;
    const { head } = incoming;
    const buffer = (incoming.buffer ??= new BodyBuffer(this.bodies, this, head.body.kind === 'length' ? head.body.length : 0));
    const before = buffer.size;
    for (const piece of pieces) buffer.push(piece, !this.#isLent);
    if (body.isComplete) {
      this.deadline = Infinity;
      buffer.end();
    } else if (buffer.isFull) {
      this.deadline = Infinity;
      pace.pause();
      this.#socket.pause();
    } else this.deadline = pace.received(buffer.size - before);
  }

  /** A chunked body that is all here is as good as one with a length; of another the application has to read to the end. */
  #encode({ head, environ: part, pieces, size }: Incoming): Buffer {
    const { environ } = this.#door;
    environ.begin(part);
    const isChunked = head.body.kind === 'chunked';
    const body = joined(pieces);
    if (this.#isBodyComplete) {
      if (isChunked) environ.text(KEYS.contentLength, String(size));
      return encodeRequest(environ, REQUEST_FLAG.complete | hintsFlag(head), body);
    }
    if (isChunked) environ.text(KEYS.transferEncoding, 'chunked');
    return encodeRequest(environ, (isChunked ? REQUEST_FLAG.unknownLength : 0) | hintsFlag(head), body);
  }

  #submit(exchange: Exchange): void {
    this.#state = 'busy';
    this.deadline = Infinity;
    this.#exchange = exchange;
    this.#destination.submit(exchange);
  }

  /** More of the body of a request that a worker has. */
  #forward(incoming: Incoming, chunk: Buffer, exchange: Exchange): void {
    const pieces = this.#readBody(incoming, this.#own(chunk));
    if (pieces.length > 0 || this.#isBodyComplete) exchange.sendBody(pieces, this.#isBodyComplete);
    const mustWait = !this.#isBodyComplete && exchange.slot?.isFull === true;
    if (mustWait) this.#socket.pause();
    this.deadline = mustWait || this.#isBodyComplete ? Infinity : this.#door.deadlines.after(this.#door.socketTimeoutMs);
  }

  #readBody({ body }: Incoming, chunk: Buffer): readonly Buffer[] {
    const pieces: Buffer[] = [];
    const used = body.push(chunk, (piece) => pieces.push(piece));
    this.#keep(chunk.subarray(used));
    return pieces;
  }

  /** What comes behind a request: the next ones. */
  #keep(chunk: Buffer): void {
    if (chunk.length === 0) return;
    const { protocol } = this.#door.listener;
    if (protocol === 'uwsgi') return;
    if (protocol === 'scgi') throw ProtocolError.malformed('scgi', 'more body than CONTENT_LENGTH says');
    if (this.#later.length > 0) this.#later = Buffer.concat([this.#later, chunk]);
    else this.#later = this.#own(chunk);
    if (this.#later.length > PIPELINE_MAX) this.#socket.pause();
  }

  /** Goes on with what the client sent while its last request ran. */
  #next(): void {
    if (this.#state !== 'idle') return;
    const bytes = this.#later;
    this.#later = NOTHING;
    if (this.#socket.isPaused()) this.#socket.resume();
    if (bytes.length > 0) this.#read(bytes);
    if (this.#hasEnded && this.#isBetween) this.#socket.end();
  }

  /** The client broke the protocol or kept us waiting: it hears so, as far as it can still hear, and the connection ends. */
  #refuse({ status, message }: ProtocolError): void {
    if (this.#exchange) {
      this.#exchange.refuse(status, message);
      return;
    }
    if (this.#state === 'body') this.#destination.gone?.(status);
    this.log(status, message);
    if (status > 0) this.write(this.respond(false).begin(ownPage(this.counters, status)));
    this.#release();
    this.#linger();
  }

  #release(): void {
    this.#outlet.release(this.#exchange?.source);
    this.#exchange = undefined;
    this.#incoming?.buffer?.release();
    this.#incoming = undefined;
    this.#head = undefined;
  }

  #linger(): void {
    this.#state = 'lingering';
    this.#later = NOTHING;
    this.deadline = this.#door.deadlines.after(LINGER_MS);
    this.#socket.end();
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  /**
   * The client sends nothing more. It may have left, or it may still read: a request that runs is answered, and if the client left,
   * that write tells. One that waits for a slot is dropped: where a queue forms, clients give up, and their requests only delay others.
   */
  #ended(): void {
    this.#hasEnded = true;
    switch (this.#state) {
      case 'idle':
        if (this.#later.length === 0) this.#socket.end();
        return;
      case 'head':
        this.#socket.end();
        return;
      case 'body':
        // It may be complete, but not on the disk.
        if (!this.#isBodyComplete) this.destroy();
        return;
      case 'busy':
        if (!this.#isBodyComplete || this.#exchange?.state === 'queued') this.destroy();
        return;
      case 'lingering':
      case 'closed':
        return;
    }
  }

  cameBy(door: Door): boolean {
    return this.#door === door;
  }

  #closed(): void {
    if (this.#state === 'body') this.#destination.gone?.(0);
    this.#state = 'closed';
    this.#door.deadlines.forget(this);
    if (this.#exchange) this.#destination.abandon(this.#exchange);
    this.#release();
    this.#door.closed(this);
  }

  #prepareConstants(): MarshalPart {
    const { environ } = this.#door;
    environ.begin();
    this.#writeConstants(environ);
    return environ.takePart();
  }

  #writeAll(to: EnvironWriter): void {
    this.#writeConstants(to);
    this.#reader.writeEnviron(to);
  }

  /** What is the same for all requests of this client. */
  #writeConstants(to: EnvironWriter): void {
    for (const [key, value] of this.#door.constants) to.text(key, value);
    // Over the others all that there is to know of the client is the web server's to say.
    if (this.#door.listener.protocol !== 'http') return;
    for (const [key, value] of this.#caller.variables) to.text(key, value);
  }
}

function hintsFlag({ takesHints }: RequestHead): number {
  return takesHints === true ? REQUEST_FLAG.takesHints : 0;
}
