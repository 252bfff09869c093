import { ProtocolError } from '../errors/protocol.ts';
import { checkBodySize } from '../protocol/body-limit.ts';
import type { EnvironWriter } from '../protocol/environ.ts';
import type { ResponseMemory, ResponseWriter } from '../protocol/response.ts';
import { HeldBytes } from '../util/held-bytes.ts';
import type { MarshalPart } from '../wire/marshal.ts';
import { BodyBuffer, type BodyOwner } from './body-buffer.ts';
import type { BodyStore } from './body-store.ts';
import { type Head, requestBegunWith, requestWith } from './collected-request.ts';
import type { Counters } from './counters.ts';
import type { Expiring } from './deadlines.ts';
import type { Destination } from './destination.ts';
import type { Door } from './door.ts';
import type { Client, Exchange } from './exchange.ts';
import type { Outlet } from './outlet.ts';
import { ownPage } from './own-page.ts';
import { Pace } from './pace.ts';
import { receive } from './receive.ts';
import type { Source } from './source.ts';

/**
 *     head ──▶ body ──complete──▶ busy ──response──▶ over
 *      └────────┴── refused, taken back, the client left ──▲
 */
type State = 'head' | 'body' | 'busy' | 'over';

/** One of the requests that a connection carries side by side: what is wrong with one ends that one, and those around it go on. */
export abstract class MultiplexedRequest implements Client, Expiring, BodyOwner {
  deadline: number;

  protected readonly door: Door;
  protected readonly outlet: Outlet;
  protected state: State = 'head';
  /** As the client tells it; undefined where it does not. */
  protected length: number | undefined;
  /** Bytes of the body so far. */
  protected received = 0;
  /** All of the request is here. */
  protected isComplete = false;
  /** Where all of the body is collected. */
  protected buffer: BodyBuffer | undefined;
  /** What came and has to wait, where the body is not collected. */
  protected readonly held = new HeldBytes();
  protected pace: Pace;
  protected exchange: Exchange | undefined;

  #destination: Destination;
  #environ: MarshalPart | undefined;

  constructor(door: Door, outlet: Outlet) {
    this.door = door;
    this.outlet = outlet;
    this.#destination = door.workers;
    this.pace = this.#begunPace();
    this.deadline = this.patience();
    door.deadlines.watch(this);
  }

  abstract readonly isPersistent: boolean;
  abstract respond(): ResponseWriter;
  abstract write(bytes: Buffer): void;
  abstract writeAll(pieces: readonly Buffer[]): void;
  abstract inform(fields: Buffer): void;
  abstract responded(): void;
  abstract cut(how: 'properly' | 'by reset'): void;
  abstract wanted(): void;
  abstract unwanted(): void;
  abstract answered(): void;
  abstract relieved(): void;
  abstract log(status: number, reason: string): void;

  /** REQUEST_FLAGs of what its protocol can do. */
  protected abstract readonly flags: number;
  /** It is over; its connection hears so. */
  protected abstract ended(): void;

  get counters(): Counters {
    return this.door.counters;
  }

  get bodies(): BodyStore {
    return this.door.bodies;
  }

  get memory(): ResponseMemory {
    return this.outlet;
  }

  get isBehind(): boolean {
    return this.outlet.isBehind;
  }

  release(source: Source | undefined): void {
    this.outlet.release(source);
  }

  replaced(by: Exchange): void {
    this.exchange = by;
  }

  collected(): void {
    if (!this.buffer || this.state !== 'body') return;
    const addsLength = this.length === undefined && this.buffer.size > 0;
    this.#send(requestWith(this.buffer, this, { ...this.#head, addsLength }));
  }

  failed(error: ProtocolError): void {
    this.refuse(error);
  }

  expire(): void {
    this.refuse(ProtocolError.refused(408, 'the rest of the request did not come in time'));
  }

  /** Nobody waits for it any more. */
  abandon(): void {
    if (this.exchange) this.#destination.abandon(this.exchange);
    else this.#destination.gone?.(0);
    this.end();
  }

  /**
   * Its head is here, and tells this length of the body.
   *
   * @param write gives the environ as the client sent it
   */
  protected begin(length: number | undefined, write: (to: EnvironWriter) => void): void {
    this.length = length;
    checkBodySize(length ?? 0, this.door.limitPost);
    this.#destination = receive(this.door, write);
    this.#environ = this.door.environ.takePart();
    this.held.clear();
    this.state = 'body';
    this.pace = this.#begunPace();
  }

  /** Has the body collected before a worker gets the request, if bodies are. */
  protected collect(): void {
    if (this.bodies.isCollecting && this.#destination.isForWorkers) this.buffer = new BodyBuffer(this.bodies, this, this.length);
  }

  /** Sends the request with what is held of its body; the rest follows. */
  protected submit(): void {
    const begun = { bytes: this.held.bytes, isAll: this.isComplete, length: this.length };
    const exchange = requestBegunWith(begun, this, this.#head);
    this.held.clear();
    this.#send(exchange);
  }

  /** Does something with what came, and refuses the request where that breaks the protocol. */
  protected attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.refuse(error);
    }
  }

  /** The client broke the protocol or kept us waiting; it hears so. */
  protected refuse({ status, message }: ProtocolError): void {
    if (this.state === 'over') return;
    if (this.exchange) {
      this.exchange.refuse(status, message);
      return;
    }
    this.#destination.gone?.(status);
    this.log(status, message);
    this.write(this.respond().begin(ownPage(this.counters, status)));
    this.responded();
  }

  protected end(): void {
    if (this.state === 'over') return;
    this.state = 'over';
    this.deadline = Infinity;
    this.held.clear();
    this.buffer?.release();
    this.door.deadlines.forget(this);
    this.outlet.release(this.exchange?.source);
    this.ended();
  }

  /** When a client that says nothing from now on has been silent for too long. */
  protected patience(): number {
    return this.door.deadlines.after(this.door.socketTimeoutMs);
  }

  #send(exchange: Exchange): void {
    this.state = 'busy';
    // Until a slot has it, the rest of the body stays with the client.
    this.deadline = Infinity;
    this.exchange = exchange;
    this.#destination.submit(exchange);
  }

  /** What a worker is told besides the body. */
  get #head(): Head {
    return { environ: this.door.environ, part: this.#environ, flags: this.flags };
  }

  #begunPace(): Pace {
    return new Pace(this.door.socketTimeoutMs, this.door.deadlines);
  }
}
