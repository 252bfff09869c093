/** Clients of HTTP/2 that flood: they are cut off or held back, their memory is bounded, and others are served meanwhile. */
import assert from 'node:assert/strict';
import { constants } from 'node:http2';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { ByteStream, ConnectionLost } from '../helpers/byte-stream.ts';
import { makeCertificate } from '../helpers/certificates.ts';
import { Http2Client } from '../helpers/http2.ts';
import { FLAG, FRAME, frame, greeting, requestFields } from '../helpers/http2-frames.ts';
import { gatewayPid } from '../helpers/large-bodies.ts';
import { rssKib } from '../helpers/processes.ts';
import { requires } from '../helpers/requirements.ts';
import { onEnd, type Scope } from '../helpers/scope.ts';
import { startServer, type Server } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const ROUNDS = 100;
const AT_ONCE = 500;
const MEGABYTE_KIB = 1024;
/** Of the bytes of a flood nothing may stay: this is heap that Node has not given back, and one connection's share. */
const MOST_KIB = 64 * MEGABYTE_KIB;
/** SETTINGS_INITIAL_WINDOW_SIZE of 0: the client takes no byte of any response. */
const NO_WINDOW = Buffer.from([0, 4, 0, 0, 0, 0]);
const CANCEL = '\0\0\0\x08';
/** A field that goes into the table of HPACK, and is named from there over and over. */
const LARGE_FIELD = `\x40\x01a\x7f\xb9\x16${'x'.repeat(3000)}`;

interface Flood {
  readonly what: string;
  readonly first?: Buffer;
  /** @param nth of all its frames */
  readonly frame: (nth: number) => Buffer;
  /** It is held back, and stays. */
  readonly stays?: true;
}

const request = (nth: number, fields: string, flags: number) => frame(FRAME.headers, 2 * nth + 1, { flags, content: fields });

const FLOODS: readonly Flood[] = [
  {
    what: 'streams that are opened and reset (CVE-2023-44487)',
    frame: (nth) => Buffer.concat([request(nth, requestFields(), FLAG.all), frame(FRAME.resetStream, 2 * nth + 1, { content: CANCEL })]),
  },
  { what: 'PING (CVE-2019-9512)', frame: () => frame(FRAME.ping, 0, { content: '12345678' }) },
  { what: 'SETTINGS (CVE-2019-9515)', frame: () => frame(FRAME.settings, 0) },
  {
    what: 'CONTINUATION (CVE-2024-27983)',
    first: frame(FRAME.headers, 1, { content: requestFields() }),
    frame: () => frame(FRAME.continuation, 1, { content: '\0\x01a\x01b'.repeat(100) }),
  },
  {
    what: 'empty CONTINUATION',
    first: frame(FRAME.headers, 1, { content: requestFields() }),
    frame: () => frame(FRAME.continuation, 1),
  },
  {
    what: 'empty DATA (CVE-2019-9518)',
    first: request(0, requestFields('POST'), FLAG.endHeaders),
    frame: () => frame(FRAME.data, 1),
  },
  {
    what: 'a large field named over and over (an HPACK bomb)',
    frame: (nth) => request(nth, `${requestFields()}${nth === 0 ? LARGE_FIELD : ''}${'\xbe'.repeat(200)}`, FLAG.all),
    stays: true,
  },
  { what: 'requests without an end', frame: (nth) => request(nth, requestFields('POST'), FLAG.endHeaders) },
  { what: 'PRIORITY', frame: () => frame(FRAME.priority, 1, { content: '\0\0\0\x03\x10' }), stays: true },
  { what: 'WINDOW_UPDATE', frame: () => frame(FRAME.windowUpdate, 0, { content: '\0\0\0\x01' }), stays: true },
];

describe('a flood', { skip: requires('openssl') }, () => {
  for (const flood of FLOODS) {
    test(`of ${flood.what}`, async (t) => {
      const { server, address } = await start(t);
      const other = await Http2Client.open(t, address.port);
      assert.equal((await other.request('/')).status, 200);
      const gateway = gatewayPid(server) ?? 0;
      const before = rssKib(gateway);
      const stream = await attack(t, address, flood);
      assert.equal((await other.request('/')).status, 200, 'who is there is served');
      assert.equal((await (await Http2Client.open(t, address.port)).request('/')).status, 200, 'and who comes');
      const grown = rssKib(gateway) - before;
      t.diagnostic(`${String(Math.round(grown / MEGABYTE_KIB))} MB more`);
      assert.ok(grown < MOST_KIB, `${String(grown)} KiB more`);
      if (flood.stays) return;
      await stream.readToEnd().catch((error: unknown) => assert.ok(error instanceof ConnectionLost && error.loss === 'reset'));
    });
  }
});

test('responses that nobody takes cost a connection no more than its share', { skip: requires('openssl') }, async (t) => {
  const { server, address } = await start(t, 'close.py');
  const gateway = gatewayPid(server) ?? 0;
  const before = rssKib(gateway);
  const requests = Array.from({ length: 100 }, (_, nth) => request(nth, requestFields('GET', '/?10000'), FLAG.all));
  const stream = await ByteStream.openTls(address, H2);
  onEnd(t, () => stream.close());
  stream.write(Buffer.concat([greeting(NO_WINDOW), ...requests]));
  await server.line(/^closed .* left \d+$/);
  assert.ok(rssKib(gateway) - before < MOST_KIB);
});

test('a stream that its client resets: the iterable is closed, and the connection goes on', { skip: requires('openssl') }, async (t) => {
  const { server, address } = await start(t, 'close.py');
  const client = await Http2Client.open(t, address.port);
  const stream = client.session.request({ ':path': '/reset?100000' });
  await new Promise((resolve) => stream.once('data', resolve));
  stream.close(constants.NGHTTP2_CANCEL);
  await server.line(/^closed \/reset 1 left [1-9]\d*$/);
  assert.equal((await client.request('/next?1')).body.length, 65_536);
});

const H2 = { rejectUnauthorized: false, ALPNProtocols: ['h2'] };

async function start(t: Scope, app = 'hello.py'): Promise<{ server: Server; address: { host: string; port: number } }> {
  const { certificate, key } = makeCertificate(tempDir(t), 'localhost');
  const server = await startServer(t, `--https 127.0.0.1:0,${certificate},${key} --http-timeout 2 -M -p 1 -L --wsgi-file ${app}`);
  return { server, address: server.address('https') as { host: string; port: number } };
}

/** Sends what it can of a flood, as fast as the server takes it. */
async function attack(t: Scope, address: Address, { first = Buffer.alloc(0), frame: make }: Flood): Promise<ByteStream> {
  const stream = await ByteStream.openTls(address, H2);
  onEnd(t, () => stream.close());
  stream.write(Buffer.concat([greeting(), first]));
  const over = closed(stream);
  for (let round = 0; round < ROUNDS && stream.socket.writable; round++) {
    const frames = Array.from({ length: AT_ONCE }, (_, index) => make(round * AT_ONCE + index));
    // Cut off in the middle of it, it has done what it could.
    await Promise.race([stream.written(Buffer.concat(frames)), over]).catch(() => undefined);
  }
  return stream;
}

function closed({ socket }: ByteStream): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
