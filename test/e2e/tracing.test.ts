/** W3C trace context through the server, and its own spans for an OpenTelemetry collector. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { freePort, refusingPort } from '../helpers/address.ts';
import { Collector } from '../helpers/collector.ts';
import { makeCertificate } from '../helpers/certificates.ts';
import { cgiResponse, FastcgiClient } from '../helpers/fastcgi.ts';
import { exchange, fetchOnce } from '../helpers/http.ts';
import { Http2Client } from '../helpers/http2.ts';
import { requires } from '../helpers/requirements.ts';
import type { Scope } from '../helpers/scope.ts';
import { scgiMessage } from '../helpers/scgi.ts';
import { startServer, type Server } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const SENT = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'vendor=1', baggage: 'user=7' } as const;
type Headers = Readonly<Record<string, string>>;
type Context = Readonly<Record<'traceparent' | 'tracestate' | 'baggage', string | null>>;

/** Reads what has ended soon. */
const SOON = { OTEL_BSP_SCHEDULE_DELAY: '50' };

const variables = (headers: Headers) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [`HTTP_${name.toUpperCase()}`, value]));

interface Speaker {
  readonly protocol: string;
  readonly ask: (scope: Scope, server: Server, request: { readonly path: string; readonly headers: Headers }) => Promise<string>;
}

const SPEAKERS: readonly Speaker[] = [
  {
    protocol: 'HTTP/1.1',
    ask: async (_, server, { path, headers }) => (await fetchOnce(server.address('http'), path, { headers })).text,
  },
  {
    protocol: 'HTTP/2',
    ask: async (scope, server, { path, headers }) => {
      const client = await Http2Client.open(scope, (server.address('https') as { port: number }).port);
      return (await client.request(path, headers)).text;
    },
  },
  {
    protocol: 'uwsgi',
    ask: async (_, server, { path, headers }) => (await uwsgiRequest(server.address('uwsgi'), path, { vars: variables(headers) })).text,
  },
  {
    protocol: 'FastCGI',
    ask: async (_, server, { path, headers }) => {
      const client = await FastcgiClient.open(server.address('fastcgi-socket'));
      const { text } = await client.request(path, { vars: variables(headers) });
      client.close();
      return text;
    },
  },
  {
    protocol: 'SCGI',
    ask: async (_, server, { path, headers }) =>
      cgiResponse(await exchange(server.address('scgi-socket'), scgiMessage(path, '', variables(headers)))).text,
  },
];

/** One that speaks all of them. */
function everyDoor(scope: Scope): readonly string[] {
  const { certificate, key } = makeCertificate(tempDir(scope), 'localhost');
  const doors = ['http', 'socket', 'fastcgi-socket', 'scgi-socket'].flatMap((door) => [`--${door}`, '127.0.0.1:0']);
  return [...doors, '--https', `127.0.0.1:0,${certificate},${key}`, '-M', '--wsgi-file', 'traced.py'];
}

describe('the context of a trace', { skip: requires('openssl') }, () => {
  test('reaches the application as it was sent, and nothing is made up, by each protocol', async (t) => {
    const server = await startServer(t, everyDoor(t));
    for (const { protocol, ask } of SPEAKERS) {
      assert.deepEqual(JSON.parse(await ask(t, server, { path: '/', headers: SENT })), SENT, protocol);
      const nothing = { traceparent: null, tracestate: null, baggage: null };
      assert.deepEqual(JSON.parse(await ask(t, server, { path: '/', headers: {} })), nothing, protocol);
    }
    assert.equal(server.lines(/^uwsgi on \S+, direct$/).length, 1);
  });

  test("leads from the client's span to the server's and from there to the application's, by each protocol", async (t) => {
    const collector = await Collector.start(t);
    const server = await startServer(t, [...everyDoor(t), '--otlp-endpoint', collector.url, '--otlp-service-name', 'shop'], { env: SOON });
    assert.equal(server.lines(/^uwsgi on \S+, direct$/).length, 0);
    for (const { protocol, ask } of SPEAKERS) {
      const path = `/${protocol.replace('/', '')}`;
      const told = JSON.parse(await ask(t, server, { path, headers: SENT })) as Context;
      const { spanId, ...span } = await collector.of(path);
      assert.deepEqual([span.traceId, span.parentSpanId, span.name], [TRACE, PARENT, 'GET'], protocol);
      assert.deepEqual(told, { ...SENT, traceparent: `00-${TRACE}-${spanId}-01` }, protocol);
      assert.deepEqual([span.attributes['tsuwsgi.worker.id'], span.resource['service.name']], [1, 'shop'], protocol);
      assert.equal(span.attributes['url.scheme'], protocol === 'HTTP/2' ? 'https' : 'http', protocol);
    }
  });
});

test('a span tells how long its request waited for a worker, what failed, and what never came to one', async (t) => {
  const collector = await Collector.start(t);
  const folder = tempDir(t, { 'style.css': 'a {}' });
  const flags = ['--http', '127.0.0.1:0', '-M', '--wsgi-file', 'traced.py', '--static-map', `/static=${folder}`, '--harakiri', '1'];
  const server = await startServer(t, [...flags, '--otlp-endpoint', collector.url], { env: SOON });
  const at = server.address('http');
  const slow = fetchOnce(at, '/slow/0.4');
  await server.line(/^began$/);
  const waits = fetchOnce(at, '/waits');
  assert.deepEqual([(await slow).status, (await waits).status], [200, 200]);
  const waited = await collector.of('/waits');
  const queued = Number(waited.attributes['tsuwsgi.queue.duration']);
  assert.ok(queued > 0.1 && queued < 0.5 && waited.duration >= queued, `${String(queued)} of ${String(waited.duration)} s`);
  assert.ok(Number((await collector.of('/slow/0.4')).attributes['tsuwsgi.queue.duration']) < 0.1);

  assert.equal((await fetchOnce(at, '/broken')).status, 500);
  const broken = await collector.of('/broken');
  assert.deepEqual([broken.attributes['error.type'], broken.status.code], ['500', 2]);

  assert.equal((await fetchOnce(at, '/static/style.css')).text, 'a {}');
  const file = await collector.of('/static/style.css');
  assert.deepEqual([file.attributes['http.response.status_code'], file.attributes['tsuwsgi.worker.id']], [200, undefined]);

  assert.equal((await fetchOnce(at, '/slow/10.0')).status, 504);
  const late = await collector.of('/slow/10.0');
  assert.deepEqual([late.attributes['error.type'], late.attributes['tsuwsgi.worker.id'], late.status.code], ['504', 1, 2]);
});

test('a server that stops sends its last spans first; the environment says where, and what of the application is not for it', async (t) => {
  const collector = await Collector.start(t);
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'key=secret',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,host.name=box',
  };
  const server = await startServer(
    t,
    ['--http', '127.0.0.1:0', '-M', '--wsgi-file', 'traced.py', '--env', 'OTEL_SERVICE_NAME=application'],
    { env },
  );
  await fetchOnce(server.address('http'), '/last');
  assert.equal(collector.spans.length, 0, 'they wait for others');
  await server.stop('SIGTERM');
  const [span] = await collector.has(1);
  assert.deepEqual([span?.attributes['url.path'], span?.resource['service.name'], span?.resource['host.name']], ['/last', 'shop', 'box']);
  assert.equal(collector.messages[0]?.headers['key'], 'secret');
});

test('a collector that is down costs no request, and is told of once', async (t) => {
  const port = await refusingPort(t);
  const env = { ...SOON, OTEL_EXPORTER_OTLP_TIMEOUT: '100' };
  const flags = ['--http', '127.0.0.1:0', '-M', '--wsgi-file', 'traced.py', '--otlp-endpoint', `http://127.0.0.1:${String(port)}`];
  const server = await startServer(t, flags, { env });
  const lost = /\[gateway\] tracing: spans that http:\/\/127\.0\.0\.1:\d+\/v1\/traces did not take: \d+; connect ECONNREFUSED/;
  assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
  await server.line(lost);
  for (let batch = 0; batch < 3; batch++) assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
  const asked = performance.now();
  await server.stop('SIGTERM');
  assert.ok(performance.now() - asked < 4000, 'and it does not hold up the end');
  assert.equal(server.lines(lost).length, 1);
});

test('a reload may begin to send spans, send them elsewhere, and end it', async (t) => {
  const [one, two] = [await Collector.start(t), await Collector.start(t)];
  const dir = tempDir(t);
  const path = join(dir, 'app.ini');
  const write = (more: string) =>
    writeFileSync(path, `[uwsgi]\nhttp = 127.0.0.1:${String(port)}\nmaster = true\nwsgi-file = traced.py\n${more}\n`);
  const port = await freePort();
  const ask = (name: string) => fetchOnce({ host: '127.0.0.1', port }, name, { headers: SENT });
  const reload = async (more: string, line: RegExp) => {
    write(more);
    server.signal('SIGHUP');
    await server.line(line);
  };
  write('');
  const server = await startServer(t, ['--ini', path], { env: SOON });
  await reload(`otlp-endpoint = ${one.url}`, new RegExp(`spans go to ${one.url}`));
  await ask('/one');
  await one.of('/one');
  await reload(`otlp-endpoint = ${two.url}\notlp-sampling-ratio = 1`, new RegExp(`spans go to ${two.url}`));
  await ask('/two');
  assert.equal((await two.of('/two')).parentSpanId, PARENT);
  await reload('', /spans are no longer made/);
  assert.deepEqual(JSON.parse((await ask('/none')).text), SENT);
});

test("OpenTelemetry's packages are loaded where they are asked for, by the gateway alone", async (t) => {
  const dir = tempDir(t, {
    // Each process of Node adds a line at its end: what it is, and how many of those files it has.
    'probe.cjs': `process.on('exit', () => require('fs').appendFileSync(__dirname + '/loaded', (process.argv[1] || '').replace(/.*\\//, '') + ' '
      + Object.keys(require.cache).filter((path) => path.includes('@opentelemetry')).length + '\\n'));`,
  });
  const loaded = async (...words: string[]) => {
    writeFileSync(join(dir, 'loaded'), '');
    const env = { NODE_OPTIONS: `--require ${join(dir, 'probe.cjs')}` };
    const server = await startServer(t, ['--http', '127.0.0.1:0', '-M', '--wsgi-file', 'hello.py', ...words], { env });
    await server.stop('SIGTERM');
    return Object.fromEntries(
      readFileSync(join(dir, 'loaded'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ') as [string, string]),
    );
  };
  assert.deepEqual(await loaded(), { 'run.js': '0', 'main.cjs': '0' });
  const asked = await loaded('--otlp-endpoint', 'http://127.0.0.1:9');
  assert.equal(asked['run.js'], '0');
  assert.ok(Number(asked['main.cjs']) > 50);
});
