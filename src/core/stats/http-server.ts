import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { endure } from '../util/enduring-server.ts';

/** What is told over HTTP. */
export interface StatsPages {
  /** The statistics, as JSON. */
  document(): string;
  /** Why the server should get no requests now, in a word; undefined while it serves. */
  notReady(): string | undefined;
}

interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Whoever asks here asks for something small, and is a program. */
const MAX_HEAD_BYTES = 4096;
const TIMEOUT_MS = 5000;
/** How often node:http looks for clients that let us wait. */
const CHECK_MS = 1000;
const MAX_CLIENTS = 100;

const PLAIN = { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' };

/** Serves the statistics over HTTP (`stats-http`), and what load balancers ask: whether the master lives, and whether the server is ready. */
export class StatsHttpServer {
  readonly #server: Server;

  /** @param socket bound, as `listen` takes it */
  constructor(socket: object, pages: StatsPages) {
    const limits = {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: TIMEOUT_MS,
      requestTimeout: TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
    };
    this.#server = createServer(limits, (request, response) => answer(request, response, pages));
    this.#server.maxConnections = MAX_CLIENTS;
    // A client that reads nothing of its answer.
    this.#server.setTimeout(TIMEOUT_MS);
    endure(this.#server);
    this.#server.listen(socket);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function answer(request: IncomingMessage, response: ServerResponse, pages: StatsPages): void {
  const { status, headers, text } = pageFor(request, pages);
  // node:http leaves the body of an answer to HEAD away by itself.
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(text), Connection: 'close' });
  response.end(text);
}

function pageFor({ method, url = '/' }: IncomingMessage, pages: StatsPages): Page {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { ...PLAIN, Allow: 'GET, HEAD' }, text: 'GET and HEAD only\n' };
  switch (url.split('?', 1)[0]) {
    case '/healthz':
      return { status: 200, headers: PLAIN, text: 'alive\n' };
    case '/readyz':
      return readiness(pages.notReady());
    default:
      // Pages of monitors in a browser read it from elsewhere, as they do with uWSGI.
      return { status: 200, headers: { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' }, text: pages.document() };
  }
}

function readiness(reason: string | undefined): Page {
  if (reason === undefined) return { status: 200, headers: PLAIN, text: 'ready\n' };
  return { status: 503, headers: PLAIN, text: `not ready: ${reason}\n` };
}
