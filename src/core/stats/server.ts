import { createServer, type Server } from 'node:net';
import { endure } from '../util/enduring-server.ts';

/**
 * Serves the statistics as uWSGI does: whoever connects is sent the whole document and the connection is closed;
 * what the client sends is ignored.
 */
export class StatsServer {
  readonly #server: Server;

  /** @param socket bound, as `listen` takes it */
  constructor(socket: object, document: () => string) {
    this.#server = createServer((client) => {
      // A reader that leaves early is no concern of ours.
      client.on('error', () => undefined);
      client.resume();
      client.end(document());
    });
    endure(this.#server);
    this.#server.listen(socket);
  }

  close(): void {
    this.#server.close();
  }
}
