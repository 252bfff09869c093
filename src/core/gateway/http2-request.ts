import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { ProtocolError } from '../errors/protocol.ts';
import { checkBodySize } from '../protocol/body-limit.ts';
import type { EnvironWriter } from '../protocol/environ.ts';
import type { HeadReader } from '../protocol/http/head-reader.ts';
import { headOf } from '../protocol/http2/request.ts';
import { hintsOf, type Http2Head, Http2Response } from '../protocol/http2/response.ts';
import type { RequestHead } from '../protocol/request-reader.ts';
import { REQUEST_FLAG } from '../wire/messages.ts';
import type { BodyBuffer } from './body-buffer.ts';
import type { Caller } from './caller.ts';
import { BODY_AHEAD } from './collected-request.ts';
import type { Door } from './door.ts';
import type { Exchange } from './exchange.ts';
import { http2 } from './http2-library.ts';
import { checkDirected } from './misdirected.ts';
import { MultiplexedRequest } from './multiplexed-request.ts';
import { Outlet } from './outlet.ts';

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
 * One of the requests on a connection of HTTP/2.
 *
 * Where bodies are not collected, 64 KiB of one are enough. Each stream has a flow control of its own: a body that cannot go on to its worker holds up nobody else.
 */
export class Http2Request extends MultiplexedRequest {
  readonly isPersistent = true;

  protected readonly flags = REQUEST_FLAG.takesHints;

  readonly #host: Http2Host;
  readonly #stream: ServerHttp2Stream;
  readonly #reader: HeadReader;
  readonly #isHead: boolean;

  constructor({ stream, fields, isAll }: OpenedStream, host: Http2Host) {
    const { door } = host;
    super(door, new Outlet(stream, { timeoutMs: () => door.socketTimeoutMs, ahead: RESPONSE_AHEAD }));
    this.#host = host;
    this.#stream = stream;
    this.#reader = host.createReader();
    this.#isHead = fields[':method'] === 'HEAD';
    this.isComplete = isAll;
    // What went wrong does not matter: 'close' follows.
    stream.on('error', () => undefined);
    stream.on('close', () => this.#closed());
    // One that was reset before we heard of it may never close again.
    if (this.#isOpen) this.attempt(() => this.#readHead(fields));
    else this.end();
  }

  get isOver(): boolean {
    return this.state === 'over';
  }

  respond(): Http2Response {
    return new Http2Response(this.#isHead, (head) => this.#sendHead(head));
  }

  write(bytes: Buffer): void {
    if (bytes.length > 0 && this.#isOpen && this.#stream.writable) this.outlet.write(bytes, this.exchange?.source);
  }

  writeAll(pieces: readonly Buffer[]): void {
    for (const piece of pieces) this.write(piece);
  }

  inform(fields: Buffer): void {
    if (this.#isOpen && !this.#stream.headersSent) this.#stream.additionalHeaders({ ...hintsOf(fields), ':status': 103 });
  }

  responded(): void {
    this.#stream.end();
    this.#leaveRest();
    this.end();
  }

  cut(): void {
    this.#stream.close(http2().constants.NGHTTP2_INTERNAL_ERROR);
    this.end();
  }

  wanted(): void {
    if (this.exchange?.slot?.isFull || this.isComplete) return;
    this.deadline = this.patience();
    this.#stream.resume();
  }

  unwanted(): void {
    this.deadline = Infinity;
    this.#stream.pause();
  }

  answered(): void {
    this.buffer?.release();
    if (!this.isComplete) this.unwanted();
  }

  relieved(): void {
    if (this.state !== 'body' || !this.#stream.isPaused()) return;
    this.deadline = this.pace.resume();
    this.#stream.resume();
  }

  log(status: number, reason: string): void {
    const { door, caller } = this.#host;
    door.log(`[gateway] ${caller.address || '-'} "${this.#reader.describe()}" ${status}: ${reason}`);
  }

  protected ended(): void {
    this.#host.ended(this);
  }

  get #isOpen(): boolean {
    return !this.#stream.destroyed && !this.#stream.closed;
  }

  #readHead(fields: IncomingHttpHeaders): void {
    const head = this.#reader.push(headOf(fields));
    // It ends with an empty line, so it is one.
    if (head === undefined) throw ProtocolError.malformed('http', 'no head');
    checkDirected(this.#host.caller, this.#reader.host);
    this.begin(fields['content-length'] === undefined ? undefined : lengthOf(head), (to) => this.#writeAll(to));
    if (this.isComplete) {
      this.submit();
      return;
    }
    this.collect();
    if (head.expectsContinue && this.#isOpen) this.#stream.additionalHeaders({ ':status': 100 });
    this.#stream.on('data', (chunk: Buffer) => this.attempt(() => this.#read(chunk)));
    this.#stream.on('end', () => this.#complete());
  }

  #writeAll(to: EnvironWriter): void {
    const { door, caller } = this.#host;
    for (const [key, value] of [...door.constants, ...caller.variables]) to.text(key, value);
    this.#reader.writeEnviron(to);
  }

  #read(chunk: Buffer): void {
    if (this.state === 'over') return;
    this.received += chunk.length;
    checkBodySize(this.received, this.door.limitPost);
    if (this.buffer) {
      this.#store(this.buffer, chunk);
      return;
    }
    this.deadline = this.patience();
    if (this.exchange) {
      this.#forward(this.exchange, chunk);
      return;
    }
    this.held.push(chunk);
    if (this.held.size < BODY_AHEAD) return;
    // The rest stays with the client until a slot wants it.
    this.#stream.pause();
    this.submit();
  }

  /** At the speed of the client and of the disk. */
  #store(buffer: BodyBuffer, chunk: Buffer): void {
    buffer.push(chunk);
    if (buffer.isFull) {
      this.deadline = Infinity;
      this.pace.pause();
      this.#stream.pause();
    } else this.deadline = this.pace.received(chunk.length);
  }

  #complete(): void {
    if (this.state === 'over' || this.isComplete) return;
    this.isComplete = true;
    this.deadline = Infinity;
    if (this.buffer) this.buffer.end();
    else if (this.exchange) this.exchange.sendBody([], true);
    else this.submit();
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

  /** Of a body that is not all here nobody wants the rest: once the response is out, the client is told to stop. */
  #leaveRest(): void {
    if (this.isComplete) return;
    const stream = this.#stream;
    const leave = () => stream.close(http2().constants.NGHTTP2_NO_ERROR);
    if (stream.writableFinished) leave();
    else stream.once('finish', leave);
  }

  #closed(): void {
    if (this.state !== 'over') this.abandon();
  }
}

function lengthOf({ body }: RequestHead): number | undefined {
  return body.kind === 'length' ? body.length : undefined;
}
