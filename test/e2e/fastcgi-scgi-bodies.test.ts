/** Large bodies by FastCGI and SCGI, both ways, and clients that leave in the middle of one. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { ByteStream } from '../helpers/byte-stream.ts';
import { eventually } from '../helpers/eventually.ts';
import { FCGI, fcgiHead, fcgiMessage, fcgiRecord } from '../helpers/fastcgi.ts';
import { rssKib } from '../helpers/processes.ts';
import { onEnd, type Scope } from '../helpers/scope.ts';
import { scgiMessage } from '../helpers/scgi.ts';
import { startServer, type Server } from '../helpers/server.ts';
import { connect, PROTOCOLS, type Protocol, textOf } from '../helpers/web-server-protocols.ts';

const MEGABYTE = 1024 * 1024;
/** Large enough to be seen if it were kept anywhere, and quick. */
const LARGE = 256;
/** What passing a large body on may cost, heap of Node included: more of it in 24 than in 20. */
const MOST_KIB = 96 * 1024;
const PIECE = Buffer.alloc(32 * 1024, 'Up it goes. ');

describe('bodies', () => {
  for (const protocol of PROTOCOLS) {
    test(`${LARGE} MB up in constant memory (${protocol})`, async (t) => {
      const server = await startServer(t, `--${protocol}-socket 127.0.0.1:0 -M --wsgi-file digest.py`);
      const stream = await open(t, server.address(`${protocol}-socket`));
      const count = (LARGE * MEGABYTE) / PIECE.length;
      const digest = createHash('sha256');
      const before = memoryOf(server);
      let most = 0;
      stream.write(protocol === 'fastcgi' ? fcgiHead('/', upload()) : headOfScgi());
      for (let sent = 0; sent < count; sent++) {
        await stream.written(protocol === 'fastcgi' ? fcgiRecord(FCGI.stdin, 1, PIECE) : PIECE);
        digest.update(PIECE);
        if (sent % 512 === 0) most = Math.max(most, memoryOf(server) - before);
      }
      const text = (await stream.readUntil(digest.digest('hex'))).toString();
      assert.match(text, new RegExp(`\r\n\r\n${LARGE * MEGABYTE} `));
      assert.ok(most < MOST_KIB, `${most} KiB more than before`);
    });

    test(`${LARGE} MB down in constant memory (${protocol})`, async (t) => {
      const server = await startServer(t, `--${protocol}-socket 127.0.0.1:0 -M --wsgi-file download.py`);
      const stream = await open(t, server.address(`${protocol}-socket`));
      const before = memoryOf(server);
      let [most, looks] = [0, 0];
      stream.write(messageTo(protocol, `/?${LARGE}`));
      for (let piece = await stream.readSome(); piece.length > 0; piece = await stream.readSome()) {
        if (stream.received > looks * 16 * MEGABYTE) {
          looks++;
          most = Math.max(most, memoryOf(server) - before);
        }
      }
      assert.ok(stream.received > LARGE * MEGABYTE);
      assert.ok(most < MOST_KIB, `${most} KiB more than before`);
    });

    test(`without response-buffering a reader that stalls costs less than 20 MB, and holds the application back (${protocol})`, async (t) => {
      const flags = `--${protocol}-socket 127.0.0.1:0 -M --threads 2 --socket-timeout 30 --response-buffering 0 --wsgi-file download.py`;
      const server = await startServer(t, flags);
      const address = server.address(`${protocol}-socket`);
      const made = async () => Number(await textOf(protocol, address, '/made'));
      await made();
      const before = memoryOf(server);
      const stream = await open(t, address);
      stream.write(messageTo(protocol, '/?1000'));
      await stream.readUntil('\r\n\r\n');
      let last = -1;
      await eventually('the application waits', async () => {
        const is = await made();
        const isSame = is === last;
        last = is;
        return isSame;
      });
      assert.ok(last > 16 && last < 1000, `${last} of 16000 pieces were made`);
      const more = memoryOf(server) - before;
      assert.ok(more < 20 * 1024, `${more} KiB more than before`);
    });

    test(`a client that leaves: the iterable is closed and the worker free (${protocol})`, async (t) => {
      const server = await startServer(t, `--${protocol}-socket 127.0.0.1:0 -M -p 1 --wsgi-file close.py`);
      const address = server.address(`${protocol}-socket`);
      const stream = await open(t, address);
      stream.write(messageTo(protocol, '/left?100000'));
      await stream.readUntil('\r\n\r\n');
      stream.close();
      await server.line(/^closed \/left 1 left \d+$/);
      assert.equal((await textOf(protocol, address, '/next?1')).length, 65_536);
    });
  }

  test('a client that aborts its request: the same', async (t) => {
    const server = await startServer(t, '--fastcgi-socket 127.0.0.1:0 -M -p 1 --wsgi-file close.py');
    const client = await connect(t, server.address('fastcgi-socket'));
    client.send('/aborted?100000');
    await client.record();
    client.write(fcgiRecord(FCGI.abortRequest, 1));
    assert.equal((await client.nextAnswer()).protocolStatus, 0);
    await server.line(/^closed \/aborted 1 left \d+$/);
    assert.equal((await client.request('/next?1')).text.length, 65_536);
  });
});

async function open(t: Scope, address: Address): Promise<ByteStream> {
  const stream = await ByteStream.open(address);
  onEnd(t, () => stream.close());
  return stream;
}

/** KiB of the gateway and of the worker. */
function memoryOf(server: Server): number {
  const gateway = Number(server.lines(/^gateway \(pid (\d+)\) listening/)[0]?.[1]);
  return rssKib(gateway) + rssKib(server.workerPid(1));
}

function upload() {
  return { vars: { CONTENT_LENGTH: String(LARGE * MEGABYTE) }, keepsConnection: false };
}

function headOfScgi(): Buffer {
  const head = scgiMessage('/')
    .toString('latin1')
    .replace(/^\d+:CONTENT_LENGTH\0[^\0]*\0/, '')
    .slice(0, -1);
  const text = `CONTENT_LENGTH\0${String(LARGE * MEGABYTE)}\0${head}`;
  return Buffer.from(`${String(text.length)}:${text},`, 'latin1');
}

function messageTo(protocol: Protocol, path: string): Buffer {
  return protocol === 'fastcgi' ? fcgiMessage(path, { keepsConnection: false }) : scgiMessage(path);
}
