import type { ServerHttp2Session } from 'node:http2';
import { HeadReader } from '../protocol/http/head-reader.ts';
import type { RequestHeadParser } from '../protocol/http/request-head.ts';
import type { Caller } from './caller.ts';
import type { Expiring } from './deadlines.ts';
import type { ClientConnection, Door } from './door.ts';
import { http2 } from './http2-library.ts';
import { type Http2Host, Http2Request } from './http2-request.ts';
import { awaitLastWords, LINGER_MS } from './patience.ts';

/** As nginx has it. */
const STREAMS_MAX = 128;
/** A body may come so far ahead of its worker. */
const WINDOW = 256 * 1024;
/** Megabytes that one connection may make Node hold beside the bytes of requests. */
const MEMORY_MEGABYTES = 32;
/** After so long without a request the client is asked whether it is still there, and has as long again to say so. */
const QUIET_MS = 10_000;
/** As in HTTP/1.1, with room for the pseudo fields. */
const FIELDS_MAX = 256 + 4;

/**
 * A connection of HTTP/2: many requests at a time, each on a stream of its own.
 *
 *     open ──stop, idle for too long──▶ closing (GOAWAY; the streams that there are come to their end) ──▶ closed
 *
 * Node's session does the framing. What it defends itself: streams that are opened and reset over and over, floods of SETTINGS and PING, and
 * fields without end lose the connection. After some wrong frames it says GOAWAY and reads no more, not even that the client is gone, and
 * tells nobody: such a connection is known by its silence when it is asked (PING).
 */
export class Http2Connection implements ClientConnection, Expiring, Http2Host {
  deadline: number;
  readonly door: Door;
  readonly caller: Caller;

  readonly #parser: RequestHeadParser;
  readonly #session: ServerHttp2Session;
  readonly #requests = new Set<Http2Request>();
  /** No request has come yet. */
  #isFresh = true;
  #isClosing = false;
  /** When a connection without requests ends, whatever its client says to a PING. */
  #restsUntil: number;
  #isAsked = false;

  constructor(caller: Caller, door: Door, parser: RequestHeadParser) {
    this.caller = caller;
    this.door = door;
    this.#parser = parser;
    this.#restsUntil = door.deadlines.after(door.socketTimeoutMs);
    this.deadline = this.#nextLook();
    door.deadlines.watch(this);
    this.#session = http2().performServerHandshake(caller.socket, {
      maxSessionMemory: MEMORY_MEGABYTES,
      maxHeaderListPairs: FIELDS_MAX,
      // What is a little too large is answered so by us; what is much too large is refused by the session.
      settings: { maxConcurrentStreams: STREAMS_MAX, initialWindowSize: WINDOW, maxHeaderListSize: 2 * parser.limit },
    });
    this.#session.on('stream', (stream, fields, flags) => {
      this.#isFresh = false;
      this.deadline = Infinity;
      const isAll = (flags & http2().constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      const request = new Http2Request({ stream, fields, isAll }, this);
      if (!request.isOver) this.#requests.add(request);
      this.#rest();
    });
    this.#session.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    this.#session.on('close', () => this.#closed());
  }

  get activity(): 'idle' | 'busy' {
    return this.#requests.size === 0 ? 'idle' : 'busy';
  }

  createReader(): HeadReader {
    return new HeadReader(this.#parser);
  }

  stop(): void {
    if (!this.#isFresh) return this.#close();
    awaitLastWords(this, this.door);
    this.#restsUntil = this.deadline;
  }

  destroy(): void {
    this.#session.destroy();
    this.caller.transport.destroy();
  }

  cameBy(door: Door): boolean {
    return this.door === door;
  }

  expire(): void {
    const mustEnd = this.#isAsked || this.#restsUntil <= this.door.deadlines.now;
    if (this.#isClosing || (mustEnd && this.#isFresh)) this.destroy();
    else if (mustEnd) this.#close();
    else this.#ask();
  }

  ended(request: Http2Request): void {
    this.#requests.delete(request);
    if (this.door.isStopping()) this.#close();
    this.#rest();
  }

  /** Nothing is on its way any more. */
  #rest(): void {
    if (this.#requests.size > 0) return;
    const { deadlines, keepAliveMs } = this.door;
    this.#isAsked = false;
    this.#restsUntil = deadlines.after(this.#isClosing ? LINGER_MS : keepAliveMs);
    this.deadline = this.#nextLook();
  }

  #ask(): void {
    this.#isAsked = true;
    this.deadline = this.#nextLook();
    this.#session.ping((error) => {
      if (error !== null || !this.#isAsked) return;
      this.#isAsked = false;
      if (this.#requests.size === 0) this.deadline = this.#restsUntil;
    });
  }

  #nextLook(): number {
    const { deadlines, headTimeoutMs } = this.door;
    return Math.min(this.#restsUntil, deadlines.after(Math.min(headTimeoutMs, QUIET_MS)));
  }

  /** No new streams; those that there are come to their end. */
  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#session.close();
    this.#rest();
  }

  /** A client that breaks the connection off has not failed. */
  #failed({ code = '', message }: NodeJS.ErrnoException): void {
    if (code.startsWith('ERR_HTTP2')) this.door.oddities.add(`${this.caller.address || '-'} HTTP/2: ${message}`);
  }

  #closed(): void {
    this.door.deadlines.forget(this);
    for (const request of [...this.#requests]) request.abandon();
    this.door.closed(this);
  }
}
