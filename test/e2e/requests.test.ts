/** The corpora of test/fixtures/requests, each whole and byte by byte, at the doors of a running server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteStream } from '../helpers/byte-stream.ts';
import { fetchOnce, HttpConnection, parseResponse } from '../helpers/http.ts';
import { startNginx, uwsgiPass } from '../helpers/nginx.ts';
import { answerOn, DEALS, requestFixtures, type Seen, sendDealt } from '../helpers/requests.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

const HTTP = '--http-socket 127.0.0.1:0 --buffer-size 8192 --wsgi-file request.py -p 1';
const UWSGI = '--socket 127.0.0.1:0 --buffer-size 4096 --limit-post 1000 --max-vars 64 --wsgi-file request.py -p 1';
/** The workers accept themselves, or the gateway stands before them. */
const UWSGI_DOORS = ['', '--direct-socket=false'];

test('valid HTTP requests reach the application as they were sent', async (t) => {
  const server = await startServer(t, HTTP);
  for (const { name, bytes, expected } of requestFixtures('http', 'valid')) {
    for (const deal of DEALS) {
      await t.test(`${name}, ${deal}`, async () => {
        const stream = await sendDealt(server.address('http-socket'), bytes, deal);
        const { environ, body } = await firstAnswer(stream);
        assert.deepEqual(pick(environ, Object.keys(expected.environ)), expected.environ);
        assert.deepEqual(fieldsOf(environ), fieldsOf(expected.environ));
        assert.equal(body, expected.body ?? '');
        stream.close();
      });
    }
  }
});

test('invalid HTTP requests get their status, a line in the log and the end of their connection', async (t) => {
  const server = await startServer(t, HTTP);
  const address = server.address('http-socket');
  for (const { name, bytes, expected } of requestFixtures('http', 'invalid')) {
    for (const deal of DEALS) {
      await t.test(`${name}, ${deal}`, async () => {
        const response = parseResponse(await answerOn(await sendDealt(address, bytes, deal)));
        assert.deepEqual([response.status, response.header('connection')], [expected.status, 'close']);
        // Byte by byte another reason may be seen first.
        if (deal === 'whole') assert.ok(server.log.includes(`${String(expected.status)}: ${expected.message}`), server.log);
        assert.equal((await fetchOnce(address, '/')).status, 200, 'the next request is served');
      });
    }
  }
});

for (const door of UWSGI_DOORS) {
  test(`valid uwsgi packets reach the application as they were sent ${door}`, async (t) => {
    const server = await startServer(t, `${UWSGI} ${door}`);
    for (const { name, bytes, expected } of requestFixtures('uwsgi', 'valid')) {
      for (const deal of expected.hasSurplus ? (['whole'] as const) : DEALS) {
        await t.test(`${name}, ${deal}`, async () => {
          const stream = await sendDealt(server.address('uwsgi'), bytes, deal);
          const { environ, body } = JSON.parse(parseResponse(await stream.readToEnd()).text) as Seen;
          const { 'wsgi.url_scheme': _, ...variables } = environ;
          assert.deepEqual(variables, expected.environ);
          assert.equal(body, expected.body);
        });
      }
    }
  });
}

for (const door of UWSGI_DOORS) {
  test(`invalid uwsgi packets get a line in the log, and an answer where there can be one ${door}`, async (t) => {
    const server = await startServer(t, `${UWSGI} ${door}`);
    const address = server.address('uwsgi');
    for (const { name, bytes, expected } of requestFixtures('uwsgi', 'invalid')) {
      for (const deal of DEALS) {
        await t.test(`${name}, ${deal}`, async () => {
          const before = server.log.length;
          const bytesBack = await answerOn(await sendDealt(address, bytes, deal));
          const [statusLine = ''] = bytesBack.toString('latin1').split('\r\n');
          assert.equal(statusLine.replace(/^HTTP\/1\.[01] /, ''), expected.answer);
          assert.equal((await uwsgiRequest(address, '/next')).status, 200, 'the next request is served');
          await server.line(/\/next => generated/);
          assert.ok(server.log.slice(before).includes(expected.log), server.log.slice(before));
        });
      }
    }
  });
}

test('limit-post holds for both doors, and for bodies whose length nobody has told', async (t) => {
  const server = await startServer(t, '--http 127.0.0.1:0 --socket 127.0.0.1:0 --limit-post 1K --wsgi-file echo.py -p 1');
  const whole = 'x'.repeat(1024);
  const http = await HttpConnection.open(server.address('http'));
  assert.equal((await http.request('/', { method: 'POST', body: whole })).text, whole);
  http.sendRaw('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1025\r\n\r\n', 'POST');
  assert.equal((await http.response()).status, 413, 'before the body is asked for');

  const chunked = await HttpConnection.open(server.address('http'));
  chunked.sendRaw(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n${whole}\r\n1\r\n`, 'POST');
  assert.equal((await chunked.response()).status, 413, 'as soon as a chunk is announced that is too much');
  assert.equal((await uwsgiRequest(server.address('uwsgi'), '/', { method: 'POST', body: whole })).text, whole);
  assert.equal((await uwsgiRequest(server.address('uwsgi'), '/', { method: 'POST', body: `${whole}x` })).status, 413);
  await server.line(/413: a body of 1025 bytes; limit-post allows 1024/);
  for (const { stream } of [http, chunked]) stream.close();
});

test('nginx hands a 413 of limit-post on, however large the body is', { skip: requires('nginx-light') }, async (t) => {
  const server = await startServer(t, '--socket 127.0.0.1:0 --limit-post 1K --wsgi-file echo.py -p 1');
  const nginx = await startNginx(t, { server: `client_max_body_size 0; ${uwsgiPass(server.address('uwsgi'))}` });
  for (const size of [1025, 3 << 20]) {
    assert.equal((await fetchOnce(nginx.address, '/', { method: 'POST', body: Buffer.alloc(size) })).status, 413);
  }
});

/** What the application saw of the first request on a connection, which may go on. */
async function firstAnswer(stream: ByteStream): Promise<Seen> {
  const head = (await stream.readUntil('\r\n\r\n')).toString('latin1');
  if (head.startsWith('HTTP/1.1 100 ')) return firstAnswer(stream);
  const size = /^Content-Length: (\d+)/im.exec(head)?.[1];
  assert.ok(size !== undefined && head.includes(' 200 '), head);
  return JSON.parse((await stream.readExactly(Number(size))).toString()) as Seen;
}

function pick(all: Readonly<Record<string, string>>, keys: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(keys.map((key) => [key, all[key]]));
}

/** The header fields among the keys of an environ: no others may come in. */
function fieldsOf(environ: Readonly<Record<string, string>>): string[] {
  return Object.keys(environ)
    .filter((key) => key.startsWith('HTTP_'))
    .sort();
}
