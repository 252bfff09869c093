import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunningGateway } from './running-gateway.ts';

for (const { what, request, location } of [
  { what: 'the same path and query', request: 'GET /a%20b?c=d HTTP/1.1\r\nHost: a.test', location: 'https://a.test/a%20b?c=d' },
  { what: 'the usual port', request: 'GET / HTTP/1.1\r\nHost: a.test:8080', location: 'https://a.test/' },
  { what: 'an address', request: 'GET / HTTP/1.1\r\nHost: [::1]:8080', location: 'https://[::1]/' },
  { what: 'the host of the target', request: 'GET http://b.test:80/p HTTP/1.1\r\nHost: a.test', location: 'https://b.test/p' },
  { what: 'the root for no path', request: 'OPTIONS * HTTP/1.1\r\nHost: a.test', location: 'https://a.test/' },
]) {
  test(`a client is sent to HTTPS: ${what}`, async (t) => {
    const gateway = await RunningGateway.start(t, { option: 'http-to-https' });
    const slot = gateway.slot();
    const client = await gateway.client();
    client.sendRaw(`${request}\r\n\r\n`, 'GET');
    const { status, header } = await client.response();
    assert.deepEqual([status, header('location'), slot.receivedBytes], [301, location, 0]);
    client.sendRaw('GET /again HTTP/1.1\r\nHost: a\r\n\r\n', 'GET');
    assert.equal((await client.response()).header('location'), 'https://a/again');
  });
}

test('a client that names no host hears 400', async (t) => {
  const gateway = await RunningGateway.start(t, { option: 'http-to-https' });
  const client = await gateway.client();
  client.sendRaw('GET / HTTP/1.0\r\n\r\n', 'GET');
  assert.equal((await client.response()).status, 400);
});
