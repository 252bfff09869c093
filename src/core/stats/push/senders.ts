/** How figures leave: in datagrams, over a connection, into a file. None of them keeps the server from ending. */
import { createSocket, type Socket } from 'node:dgram';
import { appendFile } from 'node:fs/promises';
import { connect, isIPv6 } from 'node:net';

/** Where somebody listens. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/** Sends datagrams; whether anybody takes them is not known, but a host that cannot be found is. */
export class DatagramSender {
  readonly #to: Destination;
  readonly #socket: Socket;

  /** @param failed told why one could not be sent */
  constructor(to: Destination, failed: (error: Error) => void) {
    this.#to = to;
    this.#socket = createSocket({ type: isIPv6(to.host) ? 'udp6' : 'udp4' });
    this.#socket.on('error', failed);
    this.#socket.unref();
  }

  send(packets: readonly string[]): void {
    for (const packet of packets) this.#socket.send(packet, this.#to.port, this.#to.host);
  }

  close(): void {
    this.#socket.close();
  }
}

/**
 * Sends lines over a connection of its own and ends it.
 *
 * @throws Error when they were not taken within the time
 */
export function sendLines({ host, port }: Destination, lines: readonly string[], timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const deadline = setTimeout(() => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    socket.unref();
    deadline.unref();
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(deadline);
      resolve();
    });
    socket.resume();
    socket.end(lines.map((line) => `${line}\n`).join(''));
  });
}

/** @throws NodeJS.ErrnoException when the file cannot be written */
export function appendText(path: string, text: string): Promise<void> {
  return appendFile(path, text, { mode: 0o640 });
}
