/** The corpora of FastCGI, SCGI and the PROXY protocol in test/fixtures/requests, each whole and byte by byte, at a running server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProxiedClient } from '../../src/core/protocol/proxy/header.ts';
import { cgiResponse, FastcgiClient, type FcgiAnswer } from '../helpers/fastcgi.ts';
import { parseResponse } from '../helpers/http.ts';
import { answerOn, DEALS, type RecordsAnswer, requestFixtures, type Seen, sendAllDealt, sendDealt } from '../helpers/requests.ts';
import { scgiRequest } from '../helpers/scgi.ts';
import { startServer } from '../helpers/server.ts';

const LIMITS = '--buffer-size 4096 --limit-post 1000 --wsgi-file request.py -p 1';
const REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');

test('valid FastCGI records are answered, each request by its id', async (t) => {
  const server = await startServer(t, `--fastcgi-socket 127.0.0.1:0 ${LIMITS}`);
  for (const { name, bytes, expected } of requestFixtures('fastcgi', 'valid')) {
    for (const deal of DEALS) {
      await t.test(`${name}, ${deal}`, async () => {
        const client = FastcgiClient.over(await sendAllDealt(server.address('fastcgi-socket'), bytes, deal));
        for (const { type, content } of expected.management ?? []) {
          assert.deepEqual(await client.record(), { type, id: 0, content: Buffer.from(content, 'latin1') });
        }
        const answers: Record<string, RecordsAnswer> = {};
        while (Object.keys(answers).length < Object.keys(expected.answers).length) {
          const answer = await client.nextAnswer();
          answers[answer.id] = meaningOf(answer);
        }
        assert.deepEqual(answers, expected.answers);
        if (expected.endsConnection) assert.equal((await client.stream.readToEnd()).length, 0);
        client.close();
      });
    }
  }
});

test('invalid FastCGI records get a line in the log, an answer where there can be one, and the end of their connection', async (t) => {
  const server = await startServer(t, `--fastcgi-socket 127.0.0.1:0 ${LIMITS}`);
  const address = server.address('fastcgi-socket');
  for (const { name, bytes, expected } of requestFixtures('fastcgi', 'invalid')) {
    for (const deal of DEALS) {
      await t.test(`${name}, ${deal}`, async () => {
        const before = server.log.length;
        assert.equal(statusOf(await answerOn(await sendDealt(address, bytes, deal))), expected.answer);
        const next = await FastcgiClient.open(address);
        assert.equal((await next.request('/next')).status, 200, 'the next request is served');
        next.close();
        await server.line(/\/next => generated/);
        assert.ok(server.log.slice(before).includes(expected.log), server.log.slice(before));
      });
    }
  }
});

test('valid SCGI requests reach the application as they were sent', async (t) => {
  const server = await startServer(t, `--scgi-socket 127.0.0.1:0 ${LIMITS}`);
  for (const { name, bytes, expected } of requestFixtures('scgi', 'valid')) {
    for (const deal of DEALS) {
      await t.test(`${name}, ${deal}`, async () => {
        const stream = await sendDealt(server.address('scgi-socket'), bytes, deal);
        assert.deepEqual(seenIn(await stream.readToEnd()), expected);
      });
    }
  }
});

test('invalid SCGI requests get their status, a line in the log and the end of their connection', async (t) => {
  const server = await startServer(t, `--scgi-socket 127.0.0.1:0 ${LIMITS}`);
  const address = server.address('scgi-socket');
  for (const { name, bytes, expected } of requestFixtures('scgi', 'invalid')) {
    for (const deal of DEALS) {
      await t.test(`${name}, ${deal}`, async () => {
        const before = server.log.length;
        assert.equal(statusOf(await answerOn(await sendDealt(address, bytes, deal))), expected.answer);
        assert.equal((await scgiRequest(address, '/next')).status, 200, 'the next request is served');
        await server.line(/\/next => generated/);
        assert.ok(server.log.slice(before).includes(expected.log), server.log.slice(before));
      });
    }
  }
});

test('valid PROXY headers tell the application who the client is', async (t) => {
  const server = await startServer(t, `--http-socket 127.0.0.1:0 --enable-proxy-protocol ${LIMITS}`);
  for (const { name, bytes, expected } of requestFixtures('proxy', 'valid')) {
    for (const deal of DEALS) {
      await t.test(`${name}, ${deal}`, async () => {
        const stream = await sendDealt(server.address('http-socket'), Buffer.concat([bytes, REQUEST]), deal);
        const { environ } = JSON.parse(parseResponse(await stream.readToEnd()).text) as Seen;
        const own = { REMOTE_ADDR: '127.0.0.1', SERVER_PORT: environ['SERVER_PORT'] };
        const keys = ['REMOTE_ADDR', 'REMOTE_PORT', 'SERVER_ADDR', 'SERVER_PORT'];
        const found = Object.fromEntries(Object.entries(environ).filter(([key]) => keys.includes(key)));
        assert.deepEqual(found, { ...own, ...variablesOf(expected.client) });
      });
    }
  }
});

test('invalid PROXY headers end their connection without a byte', async (t) => {
  const server = await startServer(t, `--http-socket 127.0.0.1:0 --enable-proxy-protocol ${LIMITS}`);
  const address = server.address('http-socket');
  for (const { name, bytes } of requestFixtures('proxy', 'invalid')) {
    for (const deal of DEALS) {
      await t.test(`${name}, ${deal}`, async () => {
        assert.equal((await answerOn(await sendDealt(address, Buffer.concat([bytes, REQUEST]), deal))).length, 0);
        const next = await sendDealt(address, Buffer.concat([Buffer.from('PROXY UNKNOWN\r\n'), REQUEST]), 'whole');
        assert.equal(parseResponse(await next.readToEnd()).status, 200, 'the next request is served');
      });
    }
  }
  await server.line(/malformed PROXY header: .*; the connection was closed/);
  const served = requestFixtures('proxy', 'invalid').length * DEALS.length;
  await server.line(/ generated /, served);
  assert.equal(server.lines(/ generated /).length, served);
});

/** What stands behind "Status:", in records or without; empty where there is no answer. */
function statusOf(bytes: Buffer): string {
  return /Status: (.*)\r\n/.exec(bytes.toString('latin1'))?.[1] ?? '';
}

function meaningOf({ stdout, protocolStatus }: FcgiAnswer): RecordsAnswer {
  return stdout.length === 0 ? { protocolStatus } : seenIn(stdout);
}

function seenIn(answered: Buffer): Seen {
  const { environ, body } = JSON.parse(cgiResponse(answered).text) as Seen;
  const { 'wsgi.url_scheme': _, ...variables } = environ;
  return { environ: variables, body };
}

function variablesOf(client: ProxiedClient): Record<string, string> {
  if (client.kind === 'unknown') return {};
  if (client.kind === 'unix') return { REMOTE_ADDR: '' };
  const { from, to } = client;
  return { REMOTE_ADDR: from.address, REMOTE_PORT: String(from.port), SERVER_ADDR: to.address, SERVER_PORT: String(to.port) };
}
