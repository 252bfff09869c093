import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { onEnd, type Scope } from './scope.ts';

/** Somebody who takes datagrams at a port of his own: what came, in the order of its coming. */
export async function receiveDatagrams(scope: Scope): Promise<{ readonly port: number; readonly records: readonly string[] }> {
  const socket = createSocket('udp4');
  const records: string[] = [];
  socket.on('message', (message) => records.push(message.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onEnd(scope, () => {
    socket.close();
  });
  return { port: socket.address().port, records };
}
