import { createServer, type Server } from 'node:net';
import { endure } from '../util/enduring-server.ts';

/** For who reads nothing, or has read all and stays. */
export const TIMEOUT_MS = 5000;
export const MAX_CLIENTS = 100;

/**
 * Serves the statistics as uWSGI does: whoever connects is sent the whole document and the connection is closed;
 * what the client sends is ignored.
 */
export class StatsServer {
  readonly #server: Server;

  /** @param socket bound, as `listen` takes it */
  constructor(socket: object, document: () => Promise<string>, timeoutMs = TIMEOUT_MS) {
    this.#server = createServer((client) => {
      // A reader that leaves early is no concern of ours.
      client.on('error', () => undefined);
      client.setTimeout(timeoutMs, () => client.destroy());
      client.resume();
      document().then(
        (text) => client.end(text),
        (error: unknown) => client.destroy(error as Error),
      );
    });
    this.#server.maxConnections = MAX_CLIENTS;
    endure(this.#server);
    this.#server.listen(socket);
  }

  close(): void {
    this.#server.close();
  }
}
