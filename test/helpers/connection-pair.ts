import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onEnd, type Scope } from './scope.ts';

/** Both ends of a connection over loopback; `client` has opened it. */
export async function connectionPair(t: Scope): Promise<{ socket: Socket; client: Socket }> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  onEnd(t, () => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  return { socket, client };
}
