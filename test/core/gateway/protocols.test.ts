/** What listeners speak: SCGI, on the connection that also speaks HTTP, and what is different. FastCGI has a test of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KIND, REQUEST_FLAG, RESPONSE_FLAG } from '../../../src/core/wire/messages.ts';
import { ByteStream } from '../../helpers/byte-stream.ts';
import { cgiResponse, fcgiVars } from '../../helpers/fastcgi.ts';
import { onEnd, type Scope } from '../../helpers/scope.ts';
import { scgiHead, scgiMessage } from '../../helpers/scgi.ts';
import { RunningGateway } from './running-gateway.ts';

const MEGABYTE = 1024 * 1024;

async function start(t: Scope, wanted: Parameters<typeof RunningGateway.start>[1] = {}) {
  const gateway = await RunningGateway.start(t, { protocol: 'scgi', option: 'scgi-socket', socketTimeoutMs: 0, ...wanted });
  const client = await ByteStream.open({ host: '127.0.0.1', port: gateway.port });
  onEnd(t, () => client.close());
  return { gateway, slot: gateway.slot(), client };
}

test('the environ is what the client says, and the response ends with the connection', async (t) => {
  const { slot, client } = await start(t);
  client.write(scgiMessage('/a?b', 'hello', { REMOTE_ADDR: '192.0.2.1' }));
  const { environ, body, id } = await slot.next();
  assert.deepEqual(environ, { CONTENT_LENGTH: '5', SCGI: '1', ...fcgiVars('/a?b'), REMOTE_ADDR: '192.0.2.1' });
  assert.equal(body.toString(), 'hello');
  slot.respond(id, { fields: 'A: b\r\n', body: 'hi' });
  assert.equal((await client.readToEnd()).toString(), 'Status: 200 OK\r\nA: b\r\n\r\nhi');
});

test('of an nph address is answered as in HTTP', async (t) => {
  const { slot, client } = await start(t, { option: 'scgi-nph-socket' });
  client.write(scgiMessage('/'));
  await slot.serve('hi');
  assert.equal((await client.readToEnd()).toString(), 'HTTP/1.1 200 OK\r\n\r\nhi');
});

test('a long body goes to a worker before that is here', async (t) => {
  const { slot, client } = await start(t);
  const body = Buffer.alloc(4 * MEGABYTE, 'b');
  client.write(scgiMessage('/', body));
  const first = await slot.next();
  assert.equal(first.flags & REQUEST_FLAG.complete, 0);
  let size = first.body.length;
  for (let last = first; (last.flags & REQUEST_FLAG.complete) === 0; size += last.body.length) last = await slot.next();
  assert.equal(size, body.length);
  slot.respond(first.id, { body: 'read' });
  assert.equal(cgiResponse(await client.readToEnd()).text, 'read');
});

test('what is no SCGI is answered 400 with a line in the log', async (t) => {
  const { gateway, client } = await start(t);
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal(cgiResponse(await client.readToEnd()).status, 400);
  assert.deepEqual(gateway.lines, ['[gateway] 127.0.0.1 "" 400: malformed scgi request: a head without a size; is it SCGI?']);
});

test('a body above limit-post is answered 413', async (t) => {
  const { client } = await start(t, { limitPost: 3 });
  client.write(scgiMessage('/', 'body'));
  assert.equal(cgiResponse(await client.readToEnd()).status, 413);
});

test('a head that does not come in time is answered 408', async (t) => {
  const { client } = await start(t, { cgiTimeoutMs: 200 });
  client.write(scgiHead([['CONTENT_LENGTH', '0']]).subarray(0, 9));
  assert.equal(cgiResponse(await client.readToEnd()).status, 408);
});

test('a response that breaks off ends in a reset', async (t) => {
  const { slot, client } = await start(t);
  client.write(scgiMessage('/'));
  const { id } = await slot.next();
  slot.respond(id, { body: 'half', flags: 0 });
  await client.readUntil('half');
  slot.end(id, RESPONSE_FLAG.aborted);
  await assert.rejects(client.readToEnd(), { loss: 'reset' });
});

test('a client that leaves takes its request with it', async (t) => {
  const { slot, client } = await start(t);
  client.write(scgiMessage('/'));
  const { id } = await slot.next();
  client.close();
  slot.respond(id, { body: 'x', flags: 0 });
  slot.more(id, 'y');
  assert.equal((await slot.next()).kind, KIND.cancel);
});

for (const { what, pieces } of [
  { what: 'with its head', pieces: [Buffer.concat([scgiMessage('/'), Buffer.from('more')])] },
  { what: 'while a worker runs it', pieces: [scgiMessage('/', 'body'), Buffer.from('more')] },
]) {
  test(`more body than was said, ${what}, is answered 400`, async (t) => {
    const { gateway, slot, client } = await start(t);
    const [first = Buffer.alloc(0), more] = pieces;
    client.write(first);
    if (more) {
      await slot.next();
      client.write(more);
    }
    assert.equal(cgiResponse(await client.readToEnd()).status, 400);
    assert.match(gateway.lines.join('\n'), /"GET \/" 400: malformed scgi request: more body than CONTENT_LENGTH says$/);
  });
}
