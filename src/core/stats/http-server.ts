import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { endure } from '../util/enduring-server.ts';
import { type Page, type PageMaker, type Pages, plainPage } from './page.ts';
import { MAX_CLIENTS, TIMEOUT_MS } from './server.ts';

/** Whoever asks here asks for something small; but browsers send along what other servers of this host have given them. */
const MAX_HEAD_BYTES = 16_384;
/** How often node:http looks for clients that let us wait. */
const CHECK_MS = 1000;

/** What pages may be made for. */
const METHODS = ['GET', 'POST'];

/** Serves pages over HTTP, and the statistics at every path that is none of them, as uWSGI does. */
export class StatsHttpServer {
  readonly #server: Server;

  /** @param socket bound, as `listen` takes it */
  constructor(socket: object, pages: Pages, otherwise: PageMaker) {
    const limits = {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: TIMEOUT_MS,
      requestTimeout: TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
    };
    this.#server = createServer(limits, (request, response) => {
      void answer(response, pageFor(request, pages) ?? otherwise, request);
    });
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

async function answer(response: ServerResponse, make: PageMaker, request: IncomingMessage): Promise<void> {
  const { status, headers, body } = await attempt(make, request);
  // node:http leaves the body of an answer to HEAD away by itself.
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
  response.end(body);
}

/** A page that fails must not end the master. */
async function attempt(make: PageMaker, request: IncomingMessage): Promise<Page> {
  try {
    return await make(request);
  } catch (error) {
    return plainPage(500, `this page failed: ${(error as Error).message}`);
  }
}

/** Undefined where there is no page of that path. */
function pageFor({ method = 'GET', url = '/' }: IncomingMessage, pages: Pages): PageMaker | undefined {
  const path = url.split('?', 1)[0] ?? '/';
  const meant = method === 'HEAD' ? 'GET' : method;
  const methods = METHODS.filter((known) => pages[`${known} ${path}`] !== undefined);
  if (methods.length === 0 && meant === 'GET') return undefined;
  const allowed = methods.length === 0 ? 'GET, HEAD' : methods.map((known) => (known === 'GET' ? 'GET, HEAD' : known)).join(', ');
  return pages[`${meant} ${path}`] ?? (() => notAllowed(allowed));
}

function notAllowed(allowed: string): Page {
  const page = plainPage(405, `${allowed} only`);
  return { ...page, headers: { ...page.headers, Allow: allowed } };
}
