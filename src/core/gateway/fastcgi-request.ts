import { ProtocolError } from '../errors/protocol.ts';
import type { CgiTerms } from '../protocol/cgi/terms.ts';
import type { CgiHead } from '../protocol/cgi/variables.ts';
import { readPairs } from '../protocol/fastcgi/pairs.ts';
import { endRequest, PROTOCOL_STATUS, type Beginning } from '../protocol/fastcgi/records.ts';
import { FastcgiResponse } from '../protocol/fastcgi/response.ts';
import { HeldBytes } from '../util/held-bytes.ts';
import { checkBodySize } from '../protocol/body-limit.ts';
import type { MarshalPart } from '../wire/marshal.ts';
import { BodyBuffer, type BodyOwner } from './body-buffer.ts';
import type { BodyStore } from './body-store.ts';
import type { Counters } from './counters.ts';
import { BODY_AHEAD, type Head, requestBegunWith, requestWith } from './collected-request.ts';
import type { Expiring } from './deadlines.ts';
import type { Destination } from './destination.ts';
import type { Door } from './door.ts';
import type { Client, Exchange } from './exchange.ts';
import type { Outlet } from './outlet.ts';
import { ownPage } from './own-page.ts';
import { Pace } from './pace.ts';
import { receive } from './receive.ts';
import type { Source } from './source.ts';

/** The connection, as its requests see it. */
export interface FastcgiHost {
  readonly door: Door;
  readonly terms: CgiTerms;
  readonly outlet: Outlet;
  log(what: string): void;
  /** Something may have changed in what can be read. */
  balance(): void;
  ended(request: FastcgiRequest): void;
  /** The response cannot be completed, and the client must see that. */
  cutOff(request: FastcgiRequest): void;
}

/**
 *     params ──empty PARAMS──▶ body ──complete──▶ busy ──response──▶ over
 *        └──────── refused ──────┴─── refused, aborted, the client left ─▲
 *
 * Where bodies are not collected, 64 KiB of one are enough; while busy, the rest goes on to its slot, and what comes while no slot has the
 * request is kept until one does.
 */
type State = 'params' | 'body' | 'busy' | 'over';

/** One of the requests on a FastCGI connection. */
export class FastcgiRequest implements Client, Expiring, BodyOwner {
  readonly id: number;
  deadline: number;
  /** The client goes on with the connection after this request. */
  keepsConnection: boolean;

  readonly #host: FastcgiHost;
  #state: State = 'params';
  /** PARAMS, and later what came of a STDIN that is not collected and is not on its way to a worker. */
  readonly #held = new HeldBytes();
  #head: CgiHead | undefined;
  #environ: MarshalPart | undefined;
  /** Where all of STDIN is collected. */
  #buffer: BodyBuffer | undefined;
  #pace: Pace;
  #destination: Destination;
  #received = 0;
  #isComplete = false;
  #exchange: Exchange | undefined;

  constructor(id: number, { keepsConnection }: Beginning, host: FastcgiHost) {
    this.id = id;
    this.keepsConnection = keepsConnection;
    this.#host = host;
    this.#destination = host.door.workers;
    this.#pace = new Pace(host.door.socketTimeoutMs, host.door.deadlines);
    this.deadline = this.#patience();
    host.door.deadlines.watch(this);
  }

  /** Its PARAMS are not all here. */
  get isSpeaking(): boolean {
    return this.#state === 'params';
  }

  /** Its client can leave without a loss: it has said all, and a worker is at it. */
  get isAnswerable(): boolean {
    return this.#isComplete && this.#exchange?.state !== 'queued';
  }

  /** A worker waits for more of its body. */
  get isStarving(): boolean {
    return this.#isBusyReading && this.#exchange?.slot !== undefined && !this.#exchange.slot.isFull;
  }

  /** More of its body cannot go anywhere at the moment. */
  get isHeldUp(): boolean {
    if (this.#isComplete) return false;
    return this.#buffer ? this.#buffer.isFull : this.#isBusyReading && !this.isStarving;
  }

  /** It waits for a worker while its body waits to be read. */
  get isQueuedUp(): boolean {
    return this.#isBusyReading && this.#exchange?.slot === undefined;
  }

  params(content: Buffer): void {
    if (this.#state !== 'params') throw ProtocolError.malformed('fastcgi', 'PARAMS after their end');
    const size = this.#held.size + content.length;
    const { limit } = this.#host.terms;
    if (size > limit) this.#refuse(ProtocolError.tooLarge('fastcgi', size, limit));
    else if (content.length > 0) this.#held.push(content);
    else this.#attempt(() => this.#readParams());
  }

  stdin(content: Buffer): void {
    if (this.#state === 'params') throw ProtocolError.malformed('fastcgi', 'STDIN before the end of PARAMS');
    this.#attempt(() => this.#readStdin(content));
  }

  /** The client takes it back, or is gone. */
  abandon(): void {
    if (this.#exchange) this.#destination.abandon(this.#exchange);
    else this.#destination.gone?.(0);
    this.#end();
  }

  abort(): void {
    this.#host.outlet.write(endRequest(this.id, PROTOCOL_STATUS.complete), undefined);
    this.abandon();
  }

  /** It holds up others on its connection, which a worker waits for. */
  giveWay(): void {
    this.log(503, 'its body waits for a worker and keeps others on its connection from theirs');
    this.#host.outlet.write(endRequest(this.id, PROTOCOL_STATUS.overloaded), undefined);
    this.abandon();
  }

  /** The connection is not read for a while, so nothing can come. */
  stall(): void {
    this.#pace.pause();
    this.deadline = Infinity;
  }

  proceed(): void {
    if (!this.#buffer) {
      if (this.#state !== 'busy' || this.isStarving) this.deadline = this.#patience();
    } else if (!this.#isComplete) this.deadline = this.#pace.resume();
  }

  collected(): void {
    if (!this.#buffer || this.#state !== 'body') return;
    const addsLength = this.#head?.contentLength === undefined && this.#buffer.size > 0;
    this.#send(requestWith(this.#buffer, this, { ...this.#wire, addsLength }));
  }

  relieved(): void {
    this.#host.balance();
  }

  failed(error: ProtocolError): void {
    this.#refuse(error);
  }

  get isPersistent(): boolean {
    return this.keepsConnection;
  }

  get counters(): Counters {
    return this.#host.door.counters;
  }

  get bodies(): BodyStore {
    return this.#host.door.bodies;
  }

  respond(): FastcgiResponse {
    const { isHead = false, serverProtocol = '' } = this.#head ?? {};
    return new FastcgiResponse(this.id, { form: this.#host.terms.form, isHead, serverProtocol });
  }

  write(bytes: Buffer): void {
    this.#host.outlet.write(bytes, this.#exchange?.source);
  }

  get isBehind(): boolean {
    return this.#host.outlet.isBehind;
  }

  writeAll(pieces: readonly Buffer[]): void {
    this.#host.outlet.writeAll(pieces, this.#exchange?.source);
  }

  /** CGI has no informational responses. */
  inform(): void {
    return;
  }

  responded(): void {
    this.#end();
  }

  cut(how: 'properly' | 'by reset'): void {
    if (how === 'by reset') this.#host.cutOff(this);
    this.#end();
  }

  wanted(): void {
    if (this.#exchange && this.#held.size > 0) this.#forward(this.#exchange, this.#held.bytes);
    this.#held.clear();
    this.#host.balance();
    if (this.isStarving) this.deadline = this.#patience();
  }

  release(source: Source | undefined): void {
    this.#host.outlet.release(source);
  }

  unwanted(): void {
    this.deadline = Infinity;
    this.#host.balance();
  }

  answered(): void {
    this.#buffer?.release();
    this.#held.clear();
    // What still comes of STDIN is dropped, since the connection has to be read for the others.
    this.#isComplete = true;
    this.deadline = Infinity;
    this.#host.balance();
  }

  replaced(by: Exchange): void {
    this.#exchange = by;
  }

  log(status: number, reason: string): void {
    this.#host.log(`"${this.#head?.description ?? ''}" ${status}: ${reason}`);
  }

  expire(): void {
    this.#refuse(ProtocolError.refused(408, 'the rest of the request did not come in time'));
  }

  /** What a worker is told besides the body. */
  get #wire(): Head {
    return { environ: this.#host.door.environ, part: this.#environ, flags: 0 };
  }

  get #isBusyReading(): boolean {
    return this.#state === 'busy' && !this.#isComplete;
  }

  /** What is wrong with one request ends that one; the records around it are sound. */
  #attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error);
    }
  }

  #readParams(): void {
    const { door, terms } = this.#host;
    const bytes = this.#held.bytes;
    const variables = readPairs(bytes).map(({ from, middle, to }) => ({
      name: terms.variables.name(bytes, from, middle),
      from: middle,
      to,
    }));
    this.#head = terms.variables.head(bytes, variables);
    checkBodySize(this.#head.contentLength ?? 0, door.limitPost);
    this.#destination = receive(door, (to) => terms.variables.write(to, bytes, variables));
    this.#environ = door.environ.takePart();
    this.#held.clear();
    this.#state = 'body';
    const { bodies, deadlines, socketTimeoutMs } = door;
    this.#pace = new Pace(socketTimeoutMs, deadlines);
    if (bodies.isCollecting && this.#destination.isForWorkers) this.#buffer = new BodyBuffer(bodies, this);
    this.deadline = this.#patience();
    if (this.#head.contentLength === 0) this.#complete();
  }

  #readStdin(passing: Buffer): void {
    // It is valid until the next chunk only, and may have to wait.
    const content = Buffer.from(passing);
    const length = this.#head?.contentLength ?? Infinity;
    const isEnd = content.length === 0;
    this.#received += content.length;
    checkBodySize(this.#received, this.#host.door.limitPost);
    if (this.#received > length) throw ProtocolError.malformed('fastcgi', `more STDIN than CONTENT_LENGTH = ${length}`);
    if (isEnd && length !== Infinity && this.#received < length) {
      throw ProtocolError.malformed('fastcgi', `STDIN ends after ${this.#received} of ${length} bytes`);
    }
    if (this.#isComplete) return;
    if (this.#buffer) {
      this.#store(this.#buffer, content, isEnd || this.#received === length);
      return;
    }
    this.deadline = this.#patience();
    if (this.#exchange?.slot === undefined) this.#held.push(content);
    if (isEnd || this.#received === length) this.#complete(content);
    else if (this.#exchange?.slot) this.#forward(this.#exchange, content);
    else if (this.#state === 'body' && this.#held.size >= BODY_AHEAD) this.#submit();
  }

  #store(buffer: BodyBuffer, content: Buffer, isLast: boolean): void {
    buffer.push(content);
    if (isLast) this.#complete();
    else this.deadline = this.#pace.received(content.length);
  }

  #complete(last: Buffer = Buffer.alloc(0)): void {
    this.#isComplete = true;
    this.deadline = Infinity;
    if (this.#buffer) this.#buffer.end();
    else if (this.#exchange === undefined) this.#submit();
    else if (this.#exchange.slot) this.#forward(this.#exchange, last);
  }

  #submit(): void {
    const begun = { bytes: this.#held.bytes, isAll: this.#isComplete, length: this.#head?.contentLength };
    const exchange = requestBegunWith(begun, this, this.#wire);
    this.#held.clear();
    this.#send(exchange);
  }

  #send(exchange: Exchange): void {
    this.#state = 'busy';
    // Until a slot has it, the rest of the body stays with the client.
    this.deadline = Infinity;
    this.#exchange = exchange;
    this.#destination.submit(exchange);
  }

  #forward(exchange: Exchange, piece: Buffer): void {
    exchange.sendBody([piece], this.#isComplete);
  }

  /** The client broke the protocol or kept us waiting; it hears so. */
  #refuse({ status, message }: ProtocolError): void {
    if (this.#state === 'over') return;
    this.keepsConnection = false;
    if (this.#exchange) {
      this.#exchange.refuse(status, message);
      return;
    }
    this.#destination.gone?.(status);
    this.log(status, message);
    this.write(this.respond().begin(ownPage(this.counters, status)));
    this.#end();
  }

  #end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.deadline = Infinity;
    this.#held.clear();
    this.#buffer?.release();
    this.#host.door.deadlines.forget(this);
    this.#host.outlet.release(this.#exchange?.source);
    this.#host.ended(this);
  }

  #patience(): number {
    const { deadlines, socketTimeoutMs } = this.#host.door;
    return deadlines.after(socketTimeoutMs);
  }
}
