import type { Socket } from 'node:net';
import { ProtocolError } from '../errors/protocol.ts';
import { isRouter } from '../plan/socket-option.ts';
import type { GatewaySettings } from '../plan/gateway-plan.ts';
import type { Credentials } from '../plan/tls.ts';
import { type ProxiedClient, readProxyHeader } from '../protocol/proxy/header.ts';
import { marshalKey } from '../wire/marshal.ts';
import { type Caller, callerFrom } from './caller.ts';
import type { Expiring } from './deadlines.ts';
import type { ClientConnection, Door, EnvironPair } from './door.ts';
import { awaitLastWords } from './patience.ts';
import type { Speech } from './speech.ts';

const SERVER_ADDRESS = marshalKey('SERVER_ADDR');
const SERVER_PORT = marshalKey('SERVER_PORT');

/** Another speech behind a load balancer that says first, in the PROXY protocol, who its client is. */
export class Proxied implements Speech {
  readonly #inside: Speech;

  constructor(inside: Speech) {
    this.#inside = inside;
  }

  serve(caller: Caller, door: Door): ClientConnection {
    return new Introduction(caller, door, (client) => this.#inside.serve(client, door));
  }

  follow(settings: GatewaySettings): void {
    this.#inside.follow(settings);
  }

  renew(tls: Credentials): void {
    this.#inside.renew?.(tls);
  }
}

/** A connection on which the header has to come before anything else. Nobody guesses: without it the connection ends. */
class Introduction implements ClientConnection, Expiring {
  readonly activity = 'idle';
  deadline: number;

  readonly #caller: Caller;
  readonly #socket: Socket;
  readonly #door: Door;
  readonly #goOn: (caller: Caller) => ClientConnection;
  readonly #read = (chunk: Buffer): void => this.#take(chunk);
  readonly #close = (): void => this.#closed();
  readonly #leave = (): void => this.destroy();
  #bytes: Buffer = Buffer.alloc(0);

  /** @param goOn makes of the client what it is from now on */
  constructor(caller: Caller, door: Door, goOn: (caller: Caller) => ClientConnection) {
    this.#caller = caller;
    this.#socket = caller.socket;
    this.#door = door;
    this.#goOn = goOn;
    this.deadline = door.deadlines.after(door.headTimeoutMs);
    door.deadlines.watch(this);
    this.#socket.on('data', this.#read).on('end', this.#leave).on('close', this.#close);
    // What went wrong does not matter: 'close' follows.
    this.#socket.on('error', () => undefined);
  }

  stop(): void {
    awaitLastWords(this, this.#door);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  cameBy(door: Door): boolean {
    return this.#door === door;
  }

  expire(): void {
    if (!this.#door.isStopping()) this.#say('no PROXY header in time; the connection was closed');
    this.destroy();
  }

  #take(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    try {
      const header = readProxyHeader(this.#bytes);
      if (header !== undefined) this.#introduce(header.client, this.#bytes.subarray(header.size));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#say(`${error.message}; the connection was closed`);
      this.destroy();
    }
  }

  #introduce(client: ProxiedClient, rest: Buffer): void {
    this.#socket.pause();
    this.#socket.off('data', this.#read).off('end', this.#leave).off('close', this.#close);
    this.#door.deadlines.forget(this);
    if (rest.length > 0) this.#socket.unshift(rest);
    const next = this.#goOn(this.#describe(client));
    this.#door.becomes(this, next);
    // Whoever speaks TLS takes the socket's bytes from under it.
    if (this.#door.listener.tls === undefined) this.#socket.resume();
    if (this.#door.isStopping()) next.stop();
  }

  /** The keys are uWSGI's, whose router passes on less than its sockets do. */
  #describe(client: ProxiedClient): Caller {
    if (client.kind === 'unknown') return this.#caller;
    if (client.kind === 'unix') return callerFrom(this.#socket, { address: '', port: undefined });
    const caller = callerFrom(this.#socket, client.from);
    if (isRouter(this.#door.listener.option)) return caller;
    const server: EnvironPair[] = [
      [SERVER_ADDRESS, client.to.address],
      [SERVER_PORT, String(client.to.port)],
    ];
    return { ...caller, variables: [...caller.variables, ...server] };
  }

  #closed(): void {
    this.#door.deadlines.forget(this);
    this.#door.closed(this);
  }

  #say(what: string): void {
    this.#door.oddities.add(`${this.#caller.address || '-'} ${what}`);
  }
}
