import { ProtocolError } from '../errors/protocol.ts';
import { checkBodySize } from '../protocol/body-limit.ts';
import type { CgiTerms } from '../protocol/cgi/terms.ts';
import type { CgiHead } from '../protocol/cgi/variables.ts';
import { readPairs } from '../protocol/fastcgi/pairs.ts';
import { endRequest, PROTOCOL_STATUS, type Beginning } from '../protocol/fastcgi/records.ts';
import { FastcgiResponse } from '../protocol/fastcgi/response.ts';
import type { BodyBuffer } from './body-buffer.ts';
import { BODY_AHEAD } from './collected-request.ts';
import type { Door } from './door.ts';
import type { Exchange } from './exchange.ts';
import { MultiplexedRequest } from './multiplexed-request.ts';
import type { Outlet } from './outlet.ts';

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
 * One of the requests on a FastCGI connection. PARAMS are its head, STDIN is its body.
 *
 * Where bodies are not collected, 64 KiB of one are enough; while busy, the rest goes on to its slot, and what comes while no slot has the
 * request is kept until one does.
 */
export class FastcgiRequest extends MultiplexedRequest {
  readonly id: number;
  /** The client goes on with the connection after this request. */
  keepsConnection: boolean;

  protected readonly flags = 0;

  readonly #host: FastcgiHost;
  #head: CgiHead | undefined;

  constructor(id: number, { keepsConnection }: Beginning, host: FastcgiHost) {
    super(host.door, host.outlet);
    this.id = id;
    this.keepsConnection = keepsConnection;
    this.#host = host;
  }

  /** Its PARAMS are not all here. */
  get isSpeaking(): boolean {
    return this.state === 'head';
  }

  /** Its client can leave without a loss: it has said all, and a worker is at it. */
  get isAnswerable(): boolean {
    return this.isComplete && this.exchange?.state !== 'queued';
  }

  /** A worker waits for more of its body. */
  get isStarving(): boolean {
    return this.#isBusyReading && this.exchange?.slot !== undefined && !this.exchange.slot.isFull;
  }

  /** More of its body cannot go anywhere at the moment. */
  get isHeldUp(): boolean {
    if (this.isComplete) return false;
    return this.buffer ? this.buffer.isFull : this.#isBusyReading && !this.isStarving;
  }

  /** It waits for a worker while its body waits to be read. */
  get isQueuedUp(): boolean {
    return this.#isBusyReading && this.exchange?.slot === undefined;
  }

  params(content: Buffer): void {
    if (this.state !== 'head') throw ProtocolError.malformed('fastcgi', 'PARAMS after their end');
    const size = this.held.size + content.length;
    const { limit } = this.#host.terms;
    if (size > limit) this.refuse(ProtocolError.tooLarge('fastcgi', size, limit));
    else if (content.length > 0) this.held.push(content);
    else this.attempt(() => this.#readParams());
  }

  stdin(content: Buffer): void {
    if (this.state === 'head') throw ProtocolError.malformed('fastcgi', 'STDIN before the end of PARAMS');
    this.attempt(() => this.#readStdin(content));
  }

  abort(): void {
    this.outlet.write(endRequest(this.id, PROTOCOL_STATUS.complete), undefined);
    this.abandon();
  }

  /** It holds up others on its connection, which a worker waits for. */
  giveWay(): void {
    this.log(503, 'its body waits for a worker and keeps others on its connection from theirs');
    this.outlet.write(endRequest(this.id, PROTOCOL_STATUS.overloaded), undefined);
    this.abandon();
  }

  /** The connection is not read for a while, so nothing can come. */
  stall(): void {
    this.pace.pause();
    this.deadline = Infinity;
  }

  proceed(): void {
    if (!this.buffer) {
      if (this.state !== 'busy' || this.isStarving) this.deadline = this.patience();
    } else if (!this.isComplete) this.deadline = this.pace.resume();
  }

  relieved(): void {
    this.#host.balance();
  }

  get isPersistent(): boolean {
    return this.keepsConnection;
  }

  respond(): FastcgiResponse {
    const { isHead = false, serverProtocol = '' } = this.#head ?? {};
    return new FastcgiResponse(this.id, { form: this.#host.terms.form, isHead, serverProtocol });
  }

  write(bytes: Buffer): void {
    this.outlet.write(bytes, this.exchange?.source);
  }

  writeAll(pieces: readonly Buffer[]): void {
    this.outlet.writeAll(pieces, this.exchange?.source);
  }

  /** CGI has no informational responses. */
  inform(): void {
    return;
  }

  responded(): void {
    this.end();
  }

  cut(how: 'properly' | 'by reset'): void {
    if (how === 'by reset') this.#host.cutOff(this);
    this.end();
  }

  wanted(): void {
    if (this.exchange && this.held.size > 0) this.#forward(this.exchange, this.held.bytes);
    this.held.clear();
    this.#host.balance();
    if (this.isStarving) this.deadline = this.patience();
  }

  unwanted(): void {
    this.deadline = Infinity;
    this.#host.balance();
  }

  answered(): void {
    this.buffer?.release();
    this.held.clear();
    // What still comes of STDIN is dropped, since the connection has to be read for the others.
    this.isComplete = true;
    this.deadline = Infinity;
    this.#host.balance();
  }

  log(status: number, reason: string): void {
    this.#host.log(`"${this.#head?.description ?? ''}" ${status}: ${reason}`);
  }

  protected ended(): void {
    this.#host.ended(this);
  }

  protected override refuse(error: ProtocolError): void {
    if (this.state !== 'over') this.keepsConnection = false;
    super.refuse(error);
  }

  get #isBusyReading(): boolean {
    return this.state === 'busy' && !this.isComplete;
  }

  #readParams(): void {
    const { terms } = this.#host;
    const bytes = this.held.bytes;
    const variables = readPairs(bytes).map(({ from, middle, to }) => ({
      name: terms.variables.name(bytes, from, middle),
      from: middle,
      to,
    }));
    this.#head = terms.variables.head(bytes, variables);
    this.begin(this.#head.contentLength, (to) => terms.variables.write(to, bytes, variables));
    this.collect();
    this.deadline = this.patience();
    if (this.length === 0) this.#complete();
  }

  /** @param passing it is valid until the next chunk only */
  #readStdin(passing: Buffer): void {
    const length = this.length ?? Infinity;
    const isEnd = passing.length === 0;
    this.received += passing.length;
    checkBodySize(this.received, this.door.limitPost);
    if (this.received > length) throw ProtocolError.malformed('fastcgi', `more STDIN than CONTENT_LENGTH = ${length}`);
    if (isEnd && length !== Infinity && this.received < length) {
      throw ProtocolError.malformed('fastcgi', `STDIN ends after ${this.received} of ${length} bytes`);
    }
    if (this.isComplete) return;
    if (this.buffer) {
      this.#store(this.buffer, passing, isEnd || this.received === length);
      return;
    }
    // It may have to wait.
    const content = Buffer.from(passing);
    this.deadline = this.patience();
    if (this.exchange?.slot === undefined) this.held.push(content);
    if (isEnd || this.received === length) this.#complete(content);
    else if (this.exchange?.slot) this.#forward(this.exchange, content);
    else if (this.state === 'body' && this.held.size >= BODY_AHEAD) this.submit();
  }

  #store(buffer: BodyBuffer, passing: Buffer, isLast: boolean): void {
    buffer.push(passing, false);
    if (isLast) this.#complete();
    else this.deadline = this.pace.received(passing.length);
  }

  #complete(last: Buffer = Buffer.alloc(0)): void {
    this.isComplete = true;
    this.deadline = Infinity;
    if (this.buffer) this.buffer.end();
    else if (this.exchange === undefined) this.submit();
    else if (this.exchange.slot) this.#forward(this.exchange, last);
  }

  #forward(exchange: Exchange, piece: Buffer): void {
    exchange.sendBody([piece], this.isComplete);
  }
}
