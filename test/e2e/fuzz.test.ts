/** Hostile bytes at the doors of a running server: each client gets an end, the next request is served, and nothing is left behind. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Address } from '../helpers/address.ts';
import { fuzzing } from '../helpers/fuzz.ts';
import { ByteStream } from '../helpers/byte-stream.ts';
import { makeCertificate } from '../helpers/certificates.ts';
import { FastcgiClient } from '../helpers/fastcgi.ts';
import { changed, hostileFrames, hostileRecords, hostileRequest, hostileScgi } from '../helpers/hostile.ts';
import { exchange, fetchOnce, parseResponse } from '../helpers/http.ts';
import { requestFixtures, sendDealt } from '../helpers/requests.ts';
import { requires } from '../helpers/requirements.ts';
import { scgiRequest } from '../helpers/scgi.ts';
import { startServer, type Server } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiMessage, uwsgiRequest } from '../helpers/uwsgi-client.ts';

const RUNS = 400;
const MEGABYTE = 2 ** 20;
/** A program's fault, as Node and Python show it. */
const FAULT = /Traceback|^\s+at .*\(.*:\d+:\d+\)|\b[A-Za-z]*Error: |worker \d+ .*(?:died|killed)/m;

test('at an HTTP door', async (t) => {
  const server = await startServer(t, '--http-socket 127.0.0.1:0 --buffer-size 1024 --limit-post 100 --wsgi-file request.py -p 1 -M');
  const address = server.address('http-socket');
  await survive(server, { address, requests: hostileRequest(), next: () => fetchOnce(address, '/'), report: (line) => t.diagnostic(line) });
});

test('at a FastCGI door', async (t) => {
  const server = await startServer(t, '--fastcgi-socket 127.0.0.1:0 --buffer-size 1024 --limit-post 100 --wsgi-file request.py -p 1 -M');
  const address = server.address('fastcgi-socket');
  const next = async () => {
    const client = await FastcgiClient.open(address);
    const response = await client.request('/');
    client.close();
    return response;
  };
  await survive(server, { address, requests: hostileRecords(), next, report: (line) => t.diagnostic(line) });
});

test('at an SCGI door', async (t) => {
  const server = await startServer(t, '--scgi-socket 127.0.0.1:0 --buffer-size 1024 --limit-post 100 --wsgi-file request.py -p 1 -M');
  const address = server.address('scgi-socket');
  await survive(server, { address, requests: hostileScgi(), next: () => scgiRequest(address, '/'), report: (line) => t.diagnostic(line) });
});

for (const { what, more } of [
  { what: 'a uwsgi door', more: '' },
  { what: "the gateway's uwsgi door", more: '--direct-socket=false' },
]) {
  test(`at ${what}`, async (t) => {
    const server = await startServer(t, `--socket 127.0.0.1:0 ${more} --buffer-size 1024 --limit-post 100 --wsgi-file request.py -p 1 -M`);
    const address = server.address('uwsgi');
    const packet = fc.constantFrom(
      uwsgiMessage('/'),
      uwsgiMessage('/', { method: 'POST', body: 'hello' }),
      uwsgiMessage('/', { vars: { X: '' } }),
    );
    const next = () => uwsgiRequest(address, '/');
    await survive(server, { address, requests: changed(packet), next, report: (line) => t.diagnostic(line) });
  });
}

test('at an HTTP door behind the PROXY protocol', async (t) => {
  const server = await startServer(t, '--http-socket 127.0.0.1:0 --enable-proxy-protocol --wsgi-file request.py -p 1 -M');
  const address = server.address('http-socket');
  const request = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const headers = requestFixtures('proxy', 'valid').map(({ bytes }) => Buffer.concat([bytes, request]));
  const next = async () => parseResponse(await exchange(address, Buffer.concat([Buffer.from('PROXY UNKNOWN\r\n'), request])));
  await survive(server, { address, requests: changed(fc.constantFrom(...headers)), next, report: (line) => t.diagnostic(line) });
});

test('at an HTTPS door, in HTTP/2', { skip: requires('openssl') }, async (t) => {
  const { certificate, key } = makeCertificate(tempDir(t), 'localhost');
  const door = `--https 127.0.0.1:0,${certificate},${key} --http-timeout 1 --limit-post 100`;
  const server = await startServer(t, `${door} --wsgi-file request.py -p 1 -M`);
  const address = server.address('https');
  const tls = { rejectUnauthorized: false, ALPNProtocols: ['h2'] };
  const open = async (bytes: Buffer) => {
    const stream = await ByteStream.openTls(address, tls);
    stream.write(bytes);
    return stream;
  };
  const next = () => fetchOnce(address, '/', { tls: { rejectUnauthorized: false } });
  // Some connections are not read any more and take seconds to end: all at a time do.
  await survive(server, { address, requests: hostileFrames(), open, atOnce: RUNS, next, report: (line) => t.diagnostic(line) });
});

interface Attack {
  readonly address: Address;
  readonly requests: fc.Arbitrary<Buffer>;
  /** A connection on which these bytes are on their way. */
  readonly open?: (bytes: Buffer) => Promise<ByteStream>;
  readonly atOnce?: number;
  readonly next: () => Promise<{ readonly status: number }>;
  readonly report: (line: string) => void;
}

async function survive(server: Server, { address, requests, next, report, ...attack }: Attack): Promise<void> {
  const { atOnce = 1, open = (bytes: Buffer) => sendDealt(address, bytes, 'whole') } = attack;
  const { seed, numRuns: requestsInAll } = fuzzing(RUNS);
  const numRuns = Math.ceil(requestsInAll / atOnce);
  report(`seed ${String(seed)}`);
  const property = fc.asyncProperty(fc.array(requests, { minLength: atOnce, maxLength: atOnce }), async (some) => {
    await Promise.all(some.map(async (bytes) => end(await open(bytes))));
    assert.equal((await next()).status, 200, 'the next request is served');
  });
  await fc.assert(property, { seed, numRuns });
  const before = memoryOf(server);
  await fc.assert(property, { seed, numRuns });
  const grown = memoryOf(server) - before;
  report(`${String(2 * numRuns * atOnce)} hostile requests, ${(grown / MEGABYTE).toFixed(1)} MB more in the second half`);
  assert.ok(grown < 24 * MEGABYTE, `${String(grown)} bytes more after ${String(numRuns)} requests`);
  assert.doesNotMatch(server.log, FAULT);
}

/** It ends, in whatever way; were it kept for ever, the stream's own time limit would say so. */
async function end(stream: ByteStream): Promise<void> {
  stream.finish();
  await stream.readToEnd().catch((error: unknown) => assert.doesNotMatch(String(error), /no byte for/));
  stream.close();
}

/** What all processes of a server hold, in bytes. */
function memoryOf(server: Server): number {
  const sizes = server
    .family()
    .map(({ pid }) => /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? '0');
  return sizes.reduce((sum, size) => sum + 1024 * Number(size), 0);
}
