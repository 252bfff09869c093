import { createServer, type Server } from 'node:net';

/**
 * Serves the statistics as uWSGI does: whoever connects is sent the whole document and the connection is closed;
 * what the client sends is ignored.
 */
export class StatsServer {
  readonly #server: Server;

  constructor(fd: number, document: () => string) {
    this.#server = createServer((socket) => {
      // A reader that leaves early is no concern of ours.
      socket.on('error', () => undefined);
      socket.resume();
      socket.end(document());
    });
    this.#server.listen({ fd });
  }

  close(): void {
    this.#server.close();
  }
}
