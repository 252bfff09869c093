import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { endure } from '../util/enduring-server.ts';
import { LineReader, type Order, readOrder, type Reply } from '../wire/operator.ts';

/** Carries out an order, giving pieces of the answer before its last sentence. */
export type Obey = (order: Order, because: string, answer: (text: string) => void) => Promise<string>;

/** Takes the orders of `tsuwsgi reload` and the like on a Unix socket that only the server's own user can reach. */
export class ControlServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(path: string, obey: Obey): Promise<ControlServer> {
    const server = createServer((socket) => receive(socket, obey));
    endure(server);
    server.listen(path);
    await once(server, 'listening');
    chmodSync(path, 0o600);
    return new ControlServer(server);
  }

  close(): void {
    this.#server.close();
  }
}

function receive(socket: Socket, obey: Obey): void {
  const reader = new LineReader();
  // An operator who does not wait for the end has given the order all the same.
  socket.on('error', () => undefined);
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = reader.push(text);
    if (lines === undefined) return void socket.destroy();
    const [line] = lines;
    if (line === undefined) return;
    socket.removeAllListeners('data').resume();
    void carryOut(line, socket, obey);
  });
}

async function carryOut(line: string, socket: Socket, obey: Obey): Promise<void> {
  const reply = (message: Reply): void => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };
  const order = readOrder(line);
  try {
    if (order === undefined) throw new Error('this server does not know that order');
    const message = await obey(order, `tsuwsgi ${order.type}`, (text) => reply({ type: 'text', text }));
    reply({ type: 'done', message });
    // After a stop it is the end of the process that ends the connection.
    if (order.type !== 'stop-now' && order.type !== 'stop-gracefully') socket.end();
  } catch (error) {
    reply({ type: 'failed', message: (error as Error).message });
    socket.end();
  }
}
