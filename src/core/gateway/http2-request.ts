import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { ProtocolError } from '../errors/protocol.ts';
import { checkBodySize } from '../protocol/body-limit.ts';
import type { EnvironWriter } from '../protocol/environ.ts';
import type { HeadReader } from '../protocol/http/head-reader.ts';
import type { RequestHead } from '../protocol/request-reader.ts';
import { headOf } from '../protocol/http2/request.ts';
import { hintsOf, type Http2Head, Http2Response } from '../protocol/http2/response.ts';
import { HeldBytes } from '../util/held-bytes.ts';
import type { MarshalPart } from '../wire/marshal.ts';
import { REQUEST_FLAG } from '../wire/messages.ts';
import { BodyBuffer, type BodyOwner } from './body-buffer.ts';
import type { BodyStore } from './body-store.ts';
import type { Counters } from './counters.ts';
import type { Caller } from './caller.ts';
import { BODY_AHEAD, type Head, requestBegunWith, requestWith } from './collected-request.ts';
import type { Expiring } from './deadlines.ts';
import type { Destination } from './destination.ts';
import type { Door } from './door.ts';
import type { Client, Exchange } from './exchange.ts';
import { http2 } from './http2-library.ts';
import { checkDirected } from './misdirected.ts';
import { Outlet } from './outlet.ts';
import { ownPage } from './own-page.ts';
import { Pace } from './pace.ts';
import { receive } from './receive.ts';
import type { Source } from './source.ts';

/** Bytes of a response that may wait for the client. There are many streams on a connection, and a client may read none of them. */
const RESPONSE_AHEAD = 128 * 1024;

/** The connection, as its requests see it. */
export interface Http2Host {
  readonly door: Door;
  readonly caller: Caller;
  /** A reader for one head. */
  createReader(): HeadReader;
  ended(request: Http2Request): void;
}

/** A stream that has been opened, and what came with it. */
export interface OpenedStream {
  readonly stream: ServerHttp2Stream;
  readonly fields: IncomingHttpHeaders;
  /** There is no body. */
  readonly isAll: boolean;
}

/**
 *     head ──▶ body ──complete──▶ busy ──response──▶ over
 *      └─ refused ─┴── refused, reset, the client left ──▲
 *
 * Where bodies are not collected, 64 KiB of one are enough. Each stream has a flow control of its own: a body that cannot go on to its worker holds up nobody else.
 */
type State = 'body' | 'busy' | 'over';

/** One of the requests on a connection of HTTP/2. */
export class Http2Request implements Client, Expiring, BodyOwner {
  readonly isPersistent = true;
  deadline: number;

  readonly #host: Http2Host;
  readonly #stream: ServerHttp2Stream;
  readonly #outlet: Outlet;
  readonly #reader: HeadReader;
  /** Where all of the body is collected. */
  #buffer: BodyBuffer | undefined;
  readonly #pace: Pace;
  /** What came of one that is not collected before a worker had the request. */
  readonly #held = new HeldBytes();
  #state: State = 'body';
  readonly #isHead: boolean;
  #environ: MarshalPart | undefined;
  /** What the client says; undefined where it does not. */
  #length: number | undefined;
  #received = 0;
  #isComplete: boolean;
  #destination: Destination;
  #exchange: Exchange | undefined;

  constructor({ stream, fields, isAll }: OpenedStream, host: Http2Host) {
    const { door } = host;
    this.#host = host;
    this.#stream = stream;
    this.#reader = host.createReader();
    this.#outlet = new Outlet(stream, { timeoutMs: () => door.socketTimeoutMs, ahead: RESPONSE_AHEAD });
    this.#destination = door.workers;
    this.#isComplete = isAll;
    this.#isHead = fields[':method'] === 'HEAD';
    this.#pace = new Pace(door.socketTimeoutMs, door.deadlines);
    this.deadline = this.#patience();
    door.deadlines.watch(this);
    // What went wrong does not matter: 'close' follows.
    stream.on('error', () => undefined);
    stream.on('close', () => this.#closed());
    // One that was reset before we heard of it may never close again.
    if (this.#isOpen) this.#attempt(() => this.#begin(fields));
    else this.#end();
  }

  get isOver(): boolean {
    return this.#state === 'over';
  }

  get counters(): Counters {
    return this.#host.door.counters;
  }

  get bodies(): BodyStore {
    return this.#host.door.bodies;
  }

  respond(): Http2Response {
    return new Http2Response(this.#isHead, (head) => this.#sendHead(head));
  }

  write(bytes: Buffer): void {
    if (bytes.length > 0 && this.#isOpen && this.#stream.writable) this.#outlet.write(bytes, this.#exchange?.source);
  }

  get isBehind(): boolean {
    return this.#outlet.isBehind;
  }

  writeAll(pieces: readonly Buffer[]): void {
    for (const piece of pieces) this.write(piece);
  }

  inform(fields: Buffer): void {
    if (this.#isOpen && !this.#stream.headersSent) this.#stream.additionalHeaders({ ...hintsOf(fields), ':status': 103 });
  }

  release(source: Source | undefined): void {
    this.#outlet.release(source);
  }

  responded(): void {
    this.#stream.end();
    this.#leaveRest();
    this.#end();
  }

  cut(): void {
    this.#stream.close(http2().constants.NGHTTP2_INTERNAL_ERROR);
    this.#end();
  }

  wanted(): void {
    if (this.#exchange?.slot?.isFull || this.#isComplete) return;
    this.deadline = this.#patience();
    this.#stream.resume();
  }

  unwanted(): void {
    this.deadline = Infinity;
    this.#stream.pause();
  }

  answered(): void {
    this.#buffer?.release();
    if (!this.#isComplete) this.unwanted();
  }

  collected(): void {
    const buffer = this.#buffer;
    if (!buffer || this.#state !== 'body') return;
    const addsLength = this.#length === undefined && buffer.size > 0;
    this.#send(requestWith(buffer, this, { ...this.#wire, addsLength }));
  }

  relieved(): void {
    if (this.#state !== 'body' || !this.#stream.isPaused()) return;
    this.deadline = this.#pace.resume();
    this.#stream.resume();
  }

  failed(error: ProtocolError): void {
    this.#refuse(error);
  }

  replaced(by: Exchange): void {
    this.#exchange = by;
  }

  log(status: number, reason: string): void {
    const { door, caller } = this.#host;
    door.log(`[gateway] ${caller.address || '-'} "${this.#reader.describe()}" ${status}: ${reason}`);
  }

  expire(): void {
    this.#refuse(ProtocolError.refused(408, 'the rest of the request did not come in time'));
  }

  /** The gateway ends at once, or the connection does. */
  abandon(): void {
    if (this.#exchange) this.#destination.abandon(this.#exchange);
    else this.#destination.gone?.(0);
    this.#end();
  }

  /** What a worker is told besides the body. */
  get #wire(): Head {
    return { environ: this.#host.door.environ, part: this.#environ, flags: REQUEST_FLAG.takesHints };
  }

  get #isOpen(): boolean {
    return !this.#stream.destroyed && !this.#stream.closed;
  }

  #begin(fields: IncomingHttpHeaders): void {
    const head = this.#reader.push(headOf(fields));
    // It ends with an empty line, so it is one.
    if (head === undefined) throw ProtocolError.malformed('http', 'no head');
    this.#length = fields['content-length'] === undefined ? undefined : lengthOf(head);
    const { door, caller } = this.#host;
    checkDirected(caller, this.#reader.host);
    checkBodySize(this.#length ?? 0, door.limitPost);
    this.#destination = receive(door, (to) => this.#writeAll(to));
    this.#environ = door.environ.takePart();
    if (this.#isComplete) {
      this.#submit();
      return;
    }
    const { bodies } = door;
    if (bodies.isCollecting && this.#destination.isForWorkers) this.#buffer = new BodyBuffer(bodies, this);
    if (head.expectsContinue && this.#isOpen) this.#stream.additionalHeaders({ ':status': 100 });
    this.#stream.on('data', (chunk: Buffer) => this.#attempt(() => this.#read(chunk)));
    this.#stream.on('end', () => this.#complete());
  }

  #writeAll(to: EnvironWriter): void {
    const { door, caller } = this.#host;
    for (const [key, value] of [...door.constants, ...caller.variables]) to.text(key, value);
    this.#reader.writeEnviron(to);
  }

  #read(chunk: Buffer): void {
    if (this.#state === 'over') return;
    this.#received += chunk.length;
    checkBodySize(this.#received, this.#host.door.limitPost);
    if (this.#buffer) {
      this.#store(this.#buffer, chunk);
      return;
    }
    this.deadline = this.#patience();
    if (this.#exchange) {
      this.#forward(this.#exchange, chunk);
      return;
    }
    this.#held.push(chunk);
    if (this.#held.size < BODY_AHEAD) return;
    // The rest stays with the client until a slot wants it.
    this.#stream.pause();
    this.#submit();
  }

  /** At the speed of the client and of the disk. */
  #store(buffer: BodyBuffer, chunk: Buffer): void {
    buffer.push(chunk);
    if (buffer.isFull) {
      this.deadline = Infinity;
      this.#pace.pause();
      this.#stream.pause();
    } else this.deadline = this.#pace.received(chunk.length);
  }

  #complete(): void {
    if (this.#state === 'over' || this.#isComplete) return;
    this.#isComplete = true;
    this.deadline = Infinity;
    if (this.#buffer) this.#buffer.end();
    else if (this.#exchange) this.#exchange.sendBody([], true);
    else this.#submit();
  }

  #submit(): void {
    const begun = { bytes: this.#held.bytes, isAll: this.#isComplete, length: this.#length };
    const exchange = requestBegunWith(begun, this, this.#wire);
    this.#held.clear();
    this.#send(exchange);
  }

  #send(exchange: Exchange): void {
    this.#state = 'busy';
    this.deadline = Infinity;
    this.#exchange = exchange;
    this.#destination.submit(exchange);
  }

  /** More of the body of a request that a worker has. */
  #forward(exchange: Exchange, chunk: Buffer): void {
    exchange.sendBody([chunk], false);
    if (exchange.slot?.isFull !== true) return;
    this.#stream.pause();
    this.deadline = Infinity;
  }

  #sendHead({ status, fields, isAll }: Http2Head): void {
    if (this.#isOpen && !this.#stream.headersSent) this.#stream.respond({ ...fields, ':status': status }, { endStream: isAll });
  }

  /** What is wrong with one request ends that one; those beside it are sound. */
  #attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error);
    }
  }

  /** The client broke the protocol or kept us waiting; it hears so. */
  #refuse({ status, message }: ProtocolError): void {
    if (this.#state === 'over') return;
    if (this.#exchange) {
      this.#exchange.refuse(status, message);
      return;
    }
    this.#destination.gone?.(status);
    this.log(status, message);
    this.write(this.respond().begin(ownPage(this.counters, status)));
    this.responded();
  }

  /** Of a body that is not all here nobody wants the rest: once the response is out, the client is told to stop. */
  #leaveRest(): void {
    if (this.#isComplete) return;
    const stream = this.#stream;
    const leave = () => stream.close(http2().constants.NGHTTP2_NO_ERROR);
    if (stream.writableFinished) leave();
    else stream.once('finish', leave);
  }

  #closed(): void {
    if (this.#state !== 'over') this.abandon();
  }

  #end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.deadline = Infinity;
    this.#held.clear();
    this.#buffer?.release();
    this.#host.door.deadlines.forget(this);
    this.#outlet.release(this.#exchange?.source);
    this.#host.ended(this);
  }

  #patience(): number {
    const { deadlines, socketTimeoutMs } = this.#host.door;
    return deadlines.after(socketTimeoutMs);
  }
}

function lengthOf({ body }: RequestHead): number | undefined {
  return body.kind === 'length' ? body.length : undefined;
}
