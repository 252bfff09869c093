import { createServer, type Server } from 'node:net';
import { endure } from '../util/enduring-server.ts';

/**
 * Serves the statistics as uWSGI does: whoever connects is sent the whole document and the connection is closed;
 * what the client sends is ignored.
 */
export class StatsServer {
  readonly #server: Server;

  /** @param socket bound, as `listen` takes it */
  constructor(socket: object, document: () => Promise<string>) {
    this.#server = createServer((client) => {
      // A reader that leaves early is no concern of ours.
      client.on('error', () => undefined);
      client.resume();
      document().then(
        (text) => client.end(text),
        (error: unknown) => client.destroy(error as Error),
      );
    });
    endure(this.#server);
    this.#server.listen(socket);
  }

  close(): void {
    this.#server.close();
  }
}
