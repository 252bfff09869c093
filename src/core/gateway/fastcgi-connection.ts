import type { Socket } from 'node:net';
import { ProtocolError } from '../errors/protocol.ts';
import type { CgiTerms } from '../protocol/cgi/terms.ts';
import {
  endRequest,
  type FastcgiRecord,
  PROTOCOL_STATUS,
  readBeginning,
  RecordReader,
  RESPONDER,
  TYPE,
} from '../protocol/fastcgi/records.ts';
import { answerUnknown, answerValues, REQUESTS_MAX } from '../protocol/fastcgi/values.ts';
import { borrowReads } from '../util/borrowed-reads.ts';
import type { Caller } from './caller.ts';
import type { Expiring } from './deadlines.ts';
import type { ClientConnection, Door } from './door.ts';
import { type FastcgiHost, FastcgiRequest } from './fastcgi-request.ts';
import { lentMemory } from './lent-memory.ts';
import { Outlet } from './outlet.ts';
import { awaitLastWords, LINGER_MS } from './patience.ts';

/**
 * A connection of a web server that speaks FastCGI: several requests may be on their way at once, told apart by their ids.
 *
 *     open ──the last response, a broken record──▶ lingering ──▶ closed
 *
 * It is one stream for all of them. While the body of one cannot go on to its worker the connection is not read, and the others wait, as
 * there is nothing in FastCGI to stop a single one. One that waits for a worker itself must not do that to another which a worker waits
 * for, or both could wait for ever: it gives way.
 */
export class FastcgiConnection implements ClientConnection, Expiring, FastcgiHost {
  deadline: number;
  readonly door: Door;
  readonly terms: CgiTerms;
  readonly outlet: Outlet;

  readonly #address: string;
  readonly #socket: Socket;
  readonly #reader = new RecordReader();
  readonly #requests = new Map<number, FastcgiRequest>();
  #state: 'open' | 'lingering' | 'closed' = 'open';
  /** No request has come yet. */
  #isFresh = true;
  /** It ends with the requests that are on their way. */
  #isLast = false;

  constructor({ socket, address }: Caller, door: Door, terms: CgiTerms) {
    this.#address = address;
    this.#socket = socket;
    this.door = door;
    this.terms = terms;
    this.outlet = new Outlet(socket, { timeoutMs: () => door.socketTimeoutMs, isPlain: true });
    this.deadline = door.deadlines.after(door.socketTimeoutMs);
    door.deadlines.watch(this);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    borrowReads(socket, { memory: lentMemory, take: (chunk) => this.#read(chunk) });
    socket.on('drain', () => this.balance());
    socket.on('end', () => this.#ended());
    // What went wrong does not matter: 'close' follows, and the client is gone.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  get activity(): 'idle' | 'speaking' | 'busy' {
    if (this.#requests.size === 0) return 'idle';
    return [...this.#requests.values()].every(({ isSpeaking }) => isSpeaking) ? 'speaking' : 'busy';
  }

  stop(): void {
    if (this.#isFresh) awaitLastWords(this, this.door);
    else if (this.#requests.size === 0) this.destroy();
    else this.#isLast = true;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  cameBy(door: Door): boolean {
    return this.door === door;
  }

  expire(): void {
    if (this.#state !== 'lingering' || this.#socket.writableLength === 0) this.destroy();
    else this.deadline = this.door.deadlines.after(LINGER_MS);
  }

  log(what: string): void {
    this.door.log(`[gateway] ${this.#address || '-'} ${what}`);
  }

  ended(request: FastcgiRequest): void {
    this.#requests.delete(request.id);
    if (!request.keepsConnection || this.door.isStopping()) this.#isLast = true;
    if (this.#requests.size === 0) this.#rest();
    this.balance();
  }

  cutOff(request: FastcgiRequest): void {
    request.keepsConnection = false;
    // The end of the connection is what web servers take for a failure; only where others share it a status has to do.
    if (this.#requests.size > 1) this.outlet.write(endRequest(request.id, PROTOCOL_STATUS.complete, 1), undefined);
  }

  balance(): void {
    if (this.#state !== 'open') return;
    const requests = [...this.#requests.values()];
    if (requests.some(({ isStarving }) => isStarving)) {
      for (const request of requests) if (request.isQueuedUp) request.giveWay();
    }
    const mustWait = this.outlet.isFull || requests.some(({ isHeldUp }) => isHeldUp);
    if (mustWait === this.#socket.isPaused()) return;
    if (mustWait) this.#socket.pause();
    else this.#socket.resume();
    for (const request of requests) {
      if (mustWait) request.stall();
      else request.proceed();
    }
  }

  #read(chunk: Buffer): void {
    if (this.#state !== 'open') return;
    try {
      this.#reader.push(chunk, (record) => this.#take(record));
      this.balance();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error);
    }
  }

  #take(record: FastcgiRecord): void {
    if (this.#state !== 'open') return;
    if (record.id === 0) this.#answer(record);
    else if (record.type === TYPE.beginRequest) this.#begin(record);
    else this.#pass(record);
  }

  /** A question to the server itself. */
  #answer({ type, content }: FastcgiRecord): void {
    this.outlet.write(type === TYPE.getValues ? answerValues(content) : answerUnknown(type), undefined);
  }

  #begin({ id, content }: FastcgiRecord): void {
    if (this.#requests.has(id)) throw ProtocolError.malformed('fastcgi', `a second BEGIN_REQUEST of request ${id}`);
    const beginning = readBeginning(content);
    this.#isFresh = false;
    if (beginning.role !== RESPONDER) this.#decline(id, PROTOCOL_STATUS.unknownRole, `role ${beginning.role}`);
    else if (this.#isLast || this.#requests.size === REQUESTS_MAX) this.#decline(id, PROTOCOL_STATUS.overloaded, 'too many requests');
    else {
      this.deadline = Infinity;
      this.#requests.set(id, new FastcgiRequest(id, beginning, this));
      return;
    }
    if (beginning.keepsConnection) return;
    this.#isLast = true;
    if (this.#requests.size === 0) this.#rest();
  }

  #decline(id: number, status: number, what: string): void {
    this.log(`a fastcgi request was declined: ${what}`);
    this.outlet.write(endRequest(id, status), undefined);
  }

  /** Records of a request that is over were on their way when it ended. */
  #pass({ type, id, content }: FastcgiRecord): void {
    const request = this.#requests.get(id);
    switch (type) {
      case TYPE.params:
        request?.params(content);
        return;
      case TYPE.stdin:
        request?.stdin(content);
        return;
      case TYPE.abortRequest:
        request?.abort();
        return;
      default:
        throw ProtocolError.malformed('fastcgi', `a record of type ${type}, which no web server sends`);
    }
  }

  /** Nothing is on its way any more. */
  #rest(): void {
    if (this.#state !== 'open') return;
    if (this.#isLast) this.#linger();
    else this.deadline = this.door.deadlines.after(this.door.keepAliveMs);
  }

  /** The records cannot be trusted any more. */
  #refuse({ message }: ProtocolError): void {
    this.log(`${message}; the connection was closed`);
    this.#isLast = true;
    this.#abandon(() => true);
    this.#rest();
  }

  #linger(): void {
    this.#state = 'lingering';
    this.deadline = this.door.deadlines.after(LINGER_MS);
    this.#socket.end();
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** The client sends nothing more. What is not complete or waits for a worker is dropped; the rest is answered, if there is anyone to hear it. */
  #ended(): void {
    this.#isLast = true;
    this.#abandon(({ isAnswerable }) => !isAnswerable);
    if (this.#requests.size === 0) this.#rest();
  }

  #closed(): void {
    this.#state = 'closed';
    this.#abandon(() => true);
    this.door.deadlines.forget(this);
    this.door.closed(this);
  }

  #abandon(which: (request: FastcgiRequest) => boolean): void {
    for (const request of [...this.#requests.values()]) if (which(request)) request.abandon();
  }
}
