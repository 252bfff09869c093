import type { Socket } from 'node:net';
import { createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls';
import type { GatewaySettings } from '../plan/gateway-plan.ts';
import type { Credentials, HostMatch, Identity } from '../plan/tls.ts';
import { contextOf, contextOptions, mayResume } from '../tls/context.ts';
import type { Caller } from './caller.ts';
import { clientVariables, refusalOf, watchChains } from './client-certificate.ts';
import type { ClientConnection, Door } from './door.ts';
import { Handshake } from './handshake.ts';
import { opens } from './misdirected.ts';
import type { Speech } from './speech.ts';

/** Ours are the deadlines that count. */
const NO_TIMEOUT = 2 ** 31 - 1;

interface Host {
  readonly match: (name: string) => boolean;
  readonly identity: Identity;
  readonly context: SecureContext;
}

/** What is spoken inside, as the client chooses. */
export interface Speeches {
  readonly http1: Speech;
  readonly http2: Speech;
}

/**
 * TLS around other speeches.
 *
 *     connected ──▶ Handshake ──done──▶ what the chosen speech makes of the clear bytes
 *
 * Node's server for TLS does the handshakes of connections that it has not accepted itself.
 */
export class Encryption implements Speech {
  readonly #speeches: Speeches;
  readonly #handshakes = new Map<Socket, Handshake>();
  #credentials: Credentials;
  #hosts: readonly Host[];
  #server: Server;

  constructor(speeches: Speeches, credentials: Credentials) {
    this.#speeches = speeches;
    this.#credentials = credentials;
    this.#hosts = hostsOf(credentials);
    this.#server = this.#createServer();
  }

  serve(caller: Caller, door: Door): ClientConnection {
    const handshake = new Handshake(caller, door, (transport) => this.#handshakes.delete(transport));
    this.#handshakes.set(caller.transport, handshake);
    // A handshake ends with its client; a request need not.
    caller.transport.allowHalfOpen = false;
    this.#server.emit('connection', caller.transport);
    return handshake;
  }

  follow(settings: GatewaySettings): void {
    this.#speeches.http1.follow(settings);
    this.#speeches.http2.follow(settings);
  }

  renew(credentials: Credentials): void {
    this.#credentials = credentials;
    this.#hosts = hostsOf(credentials);
    this.#server = this.#createServer();
  }

  /** Another one for other certificates; the handshakes of the one before come to their end. */
  #createServer(): Server {
    const { own } = this.#credentials;
    const requestCert = [own, ...this.#hosts.map(({ identity }) => identity)].some(({ clientCa }) => clientCa !== undefined);
    const server = createServer({
      ...contextOptions(own, { ...this.#credentials, resumes: mayResume(this.#credentials) }),
      handshakeTimeout: NO_TIMEOUT,
      requestCert,
      rejectUnauthorized: false,
      ...(this.#credentials.offersHttp2 && { ALPNProtocols: ['h2', 'http/1.1'] }),
      SNICallback: (name, answer) => answer(null, this.#hostFor(name)?.context),
    });
    if (requestCert) watchChains(server);
    server.on('secureConnection', (socket) => this.#take(socket));
    server.on('tlsClientError', (error, socket) => this.#handshakes.get(transportOf(socket))?.failed(error));
    return server;
  }

  #take(socket: TLSSocket): void {
    const handshake = this.#handshakes.get(transportOf(socket));
    const identity = this.#identityFor(socket.servername);
    const refusal = refusalOf(socket, identity, this.#credentials);
    if (refusal !== undefined) return handshake?.refuse(refusal);
    const variables = identity.clientCa === undefined ? [] : clientVariables(socket, this.#credentials);
    const isHttp2 = socket.alpnProtocol === 'h2';
    // In HTTP/1.1 a client may end its side and still wait for the response.
    socket.allowHalfOpen = !isHttp2;
    const speech = isHttp2 ? this.#speeches.http2 : this.#speeches.http1;
    const more = { socket, ...(this.#areAlike ? {} : { letsInFor: (name: string) => opens(identity, this.#identityFor(name)) }) };
    handshake?.done((caller, door) => speech.serve({ ...caller, ...more, variables: [...caller.variables, ...variables] }, door));
  }

  /** All hosts let in the same clients. */
  get #areAlike(): boolean {
    const { own } = this.#credentials;
    return this.#hosts.every(({ identity }) => opens(own, identity) && opens(identity, own));
  }

  #identityFor(name: string | false | null | undefined): Identity {
    return this.#hostFor(name)?.identity ?? this.#credentials.own;
  }

  /** @param name false where the client has asked for none */
  #hostFor(name: string | false | null | undefined): Host | undefined {
    return typeof name === 'string' ? this.#hosts.find(({ match }) => match(name)) : undefined;
  }
}

function hostsOf(credentials: Credentials): readonly Host[] {
  const resumes = mayResume(credentials);
  return credentials.hosts.map(({ match, identity }) => ({
    match: matcher(match),
    identity,
    context: contextOf(identity, { ...credentials, resumes }),
  }));
}

function matcher(match: HostMatch): (name: string) => boolean {
  if (match.kind === 'name') return (name) => name.toLowerCase() === match.name;
  const pattern = new RegExp(match.pattern, 'i');
  return (name) => pattern.test(name);
}

/** Node keeps what a TLS socket was made of, though it does not say so in its types. */
function transportOf(socket: TLSSocket): Socket {
  return (socket as unknown as { readonly _parent: Socket })._parent;
}
