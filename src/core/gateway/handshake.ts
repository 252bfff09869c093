import type { Socket } from 'node:net';
import type { Caller } from './caller.ts';
import type { Expiring } from './deadlines.ts';
import type { ClientConnection, Door } from './door.ts';
import { awaitLastWords } from './patience.ts';

const PLAIN_REQUEST = 'ERR_SSL_HTTP_REQUEST';
const PLAIN_ANSWER =
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 56\r\n\r\n' +
  '400 Bad Request\nThis address speaks HTTPS: use https://\n';

/** A client with whom keys are being agreed upon. */
export class Handshake implements ClientConnection, Expiring {
  readonly activity = 'idle';
  deadline: number;

  readonly #caller: Caller;
  readonly #door: Door;
  readonly #over: (transport: Socket) => void;
  #isOver = false;

  /** @param over called when it is done, or will never be */
  constructor(caller: Caller, door: Door, over: (transport: Socket) => void) {
    this.#caller = caller;
    this.#door = door;
    this.#over = over;
    this.deadline = door.deadlines.after(door.headTimeoutMs);
    door.deadlines.watch(this);
    // What went wrong does not matter: 'close' follows.
    caller.transport.on('error', () => undefined);
    caller.transport.once('close', () => this.#closed());
  }

  /** @param goOn makes of the client what it is from now on */
  done(goOn: (caller: Caller, door: Door) => ClientConnection): void {
    if (!this.#end()) return;
    const next = goOn(this.#caller, this.#door);
    this.#door.becomes(this, next);
    if (this.#door.isStopping()) next.stop();
  }

  /** What the client sent is no handshake, or not one that we could agree on. */
  failed(error: NodeJS.ErrnoException & { readonly reason?: string }): void {
    // Whoever leaves before the end has not failed: load balancers look in that way.
    if (this.#isOver || error.code?.startsWith('ERR_SSL') !== true) return;
    if (error.code !== PLAIN_REQUEST) return this.#say(`no TLS: ${error.reason ?? error.code}`);
    this.#say('HTTP without TLS: 400');
    this.#caller.transport.write(PLAIN_ANSWER);
  }

  /** The client is not let in. */
  refuse(reason: string): void {
    this.#say(reason);
    this.destroy();
  }

  stop(): void {
    awaitLastWords(this, this.#door);
  }

  destroy(): void {
    this.#caller.transport.destroy();
  }

  cameBy(door: Door): boolean {
    return this.#door === door;
  }

  expire(): void {
    if (!this.#door.isStopping()) this.#say('no TLS: the handshake did not come to its end in time');
    this.destroy();
  }

  #closed(): void {
    if (this.#end()) this.#door.closed(this);
  }

  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#door.deadlines.forget(this);
    this.#over(this.#caller.transport);
    return true;
  }

  #say(what: string): void {
    this.#door.oddities.add(`${this.#caller.address || '-'} ${what}`);
  }
}
