import type { Server } from 'node:net';

/** Once it listens, a server does not end the process because it cannot accept: who waits is accepted when there is a descriptor again. */
export function endure(server: Server): void {
  server.once('listening', () => server.on('error', () => undefined));
}
