import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { endure } from '../util/enduring-server.ts';
import { type ControlChannel, type Hello, SocketChannel } from '../wire/control.ts';

/** Where the Python processes of this server report: the control socket in its runtime directory. */
export class ReportServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on a Unix socket path and hands each connection on as soon as it has said who it is. */
  static async open(path: string, welcome: (hello: Hello, channel: ControlChannel) => void): Promise<ReportServer> {
    const server = createServer((socket) => {
      const channel = new SocketChannel(socket);
      channel.onReport = (report) => {
        if (report.type === 'hello') welcome(report, channel);
        else channel.close();
      };
    });
    endure(server);
    server.listen(path);
    await once(server, 'listening');
    return new ReportServer(server);
  }

  close(): void {
    this.#server.close();
  }
}
