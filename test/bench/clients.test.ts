import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { Clients, percentile99 } from '../../bench/clients.ts';

test('clients ask for what is next and tell which answer was to what, also of a server that closes its connections, said or unsaid', async (t) => {
  const server = createServer((request, response) => {
    response.shouldKeepAlive = request.url !== '/last';
    response.end(request.url, () => {
      if (request.url === '/second') request.socket.destroy();
    });
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const paths = ['/first', '/second', '/last'];
  let asked = 0;
  const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const clients = new Clients(address, { clients: 1, next: () => paths[asked++ % paths.length] ?? '' });
  t.after(() => clients.stop());
  const answered = await clients.answered(6);
  assert.deepEqual(
    answered.slice(0, 6).map(({ path }) => path),
    [...paths, ...paths],
  );
  assert.ok(answered.every(({ milliseconds }) => milliseconds > 0));
});

test('the 99th percentile of 200 times has two above it', () => {
  const times = Array.from({ length: 200 }, (_, nth) => ({ path: '/', milliseconds: 200 - nth, at: nth }));
  assert.equal(percentile99(times), 199);
});
