import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { Tracing } from '../../../../src/core/gateway/tracing/tracing.ts';
import type { GatewaySettings } from '../../../../src/core/plan/gateway-plan.ts';
import type { TracingSettings } from '../../../../src/core/plan/tracing.ts';
import { RESPONSE_FLAG } from '../../../../src/core/wire/messages.ts';
import { ByteStream } from '../../../helpers/byte-stream.ts';
import { Collector } from '../../../helpers/collector.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { onEnd, type Scope } from '../../../helpers/scope.ts';
import { scgiMessage } from '../../../helpers/scgi.ts';
import { RunningGateway } from '../running-gateway.ts';

// Read by OpenTelemetry: what has ended is sent soon.
process.env['OTEL_BSP_SCHEDULE_DELAY'] = '20';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const KEPT = { traceparent: `00-${TRACE}-${PARENT}-01` };
const ERROR = 2;

function settingsFor(url: string, more: Partial<TracingSettings> = {}): TracingSettings {
  return { url: `${url}/v1/traces`, headers: {}, serviceName: undefined, samplingRatio: undefined, ...more };
}

async function traced(t: Scope, more: Partial<TracingSettings> = {}, wanted: Partial<GatewaySettings> = {}) {
  const collector = await Collector.start(t);
  const running = await RunningGateway.start(t, { tracing: settingsFor(collector.url, more), ...wanted });
  return { collector, running };
}

function parts(traceparent = ''): { trace: string | undefined; span: string | undefined; flags: string | undefined } {
  const [, trace, span, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? [];
  return { trace, span, flags };
}

describe('a request that has a span', () => {
  test('belongs to the trace of its client, and the application to that span', async (t) => {
    const { collector, running } = await traced(t);
    const slot = running.slot({ worker: 3, core: 1, pid: 77 });
    const client = await running.client();
    client.send('/one?a=b', { headers: { ...KEPT, tracestate: 'vendor=1', baggage: 'user=7' } });
    const { environ } = await slot.serve('done');
    assert.equal((await client.response()).status, 200);
    const span = await collector.of('/one');
    assert.deepEqual([span.traceId, span.parentSpanId, span.name, span.kind, span.status.code], [TRACE, PARENT, 'GET', 2, 0]);
    assert.deepEqual(parts(environ['HTTP_TRACEPARENT']), { trace: TRACE, span: span.spanId, flags: '01' });
    assert.deepEqual([environ['HTTP_TRACESTATE'], environ['HTTP_BAGGAGE'], span.traceState], ['vendor=1', 'user=7', 'vendor=1']);
    const { attributes } = span;
    assert.deepEqual([attributes['tsuwsgi.worker.id'], attributes['tsuwsgi.worker.core'], attributes['tsuwsgi.worker.pid']], [3, 1, 77]);
    assert.deepEqual(
      [attributes['tsuwsgi.mountpoint'], attributes['http.response.status_code'], attributes['error.type']],
      ['/', 200, undefined],
    );
    assert.equal(span.resource['service.name'], 'tsuwsgi');
    assert.deepEqual(
      collector.messages.map(({ path }) => path),
      ['/v1/traces'],
    );
  });

  for (const { what, headers } of [
    { what: 'nobody has traced', headers: {} },
    { what: 'comes with a traceparent that is none', headers: { traceparent: '00-0-0-01', tracestate: 'vendor=1' } },
  ]) {
    test(`begins a trace where ${what}`, async (t) => {
      const { collector, running } = await traced(t);
      const slot = running.slot();
      const client = await running.client();
      client.send('/', { headers });
      const { environ } = await slot.serve('done');
      const span = await collector.of('/');
      assert.equal(span.parentSpanId, undefined);
      assert.deepEqual(parts(environ['HTTP_TRACEPARENT']), { trace: span.traceId, span: span.spanId, flags: '01' });
      // Of a trace that this one is no part of.
      assert.equal(environ['HTTP_TRACESTATE'], undefined);
    });
  }

  for (const { what, headers, settings, trace } of [
    { what: 'whose client does not keep its trace', headers: { traceparent: `00-${TRACE}-${PARENT}-00` }, settings: {}, trace: TRACE },
    { what: 'that the ratio leaves out', headers: {}, settings: { samplingRatio: 0 }, trace: undefined },
  ]) {
    test(`is not sent where it is one ${what}, and the application hears that it need not be`, async (t) => {
      const { collector, running } = await traced(t, settings);
      const slot = running.slot();
      const client = await running.client();
      client.send('/left-out', { headers });
      const { environ } = await slot.serve('one');
      await client.response();
      const told = parts(environ['HTTP_TRACEPARENT']);
      assert.equal(told.flags, '00');
      if (trace !== undefined) assert.equal(told.trace, trace);
      assert.notEqual(told.span, PARENT);
      client.send('/kept', { headers: KEPT });
      await slot.serve('two');
      await collector.of('/kept');
      assert.equal(collector.spans.length, 1);
    });
  }

  test('tells how long it waited for a slot', async (t) => {
    const { collector, running } = await traced(t);
    const [first, second] = [await running.client(), await running.client()];
    const slot = running.slot();
    first.send('/first');
    const { id } = await slot.next();
    const begun = performance.now();
    second.send('/second');
    await running.gatewayHasRead();
    await eventually('it waits for a while', () => performance.now() - begun > 60);
    slot.respond(id);
    await slot.serve('');
    const [ran, waited] = [await collector.of('/first'), await collector.of('/second')];
    const queued = Number(waited.attributes['tsuwsgi.queue.duration']);
    assert.ok(queued > 0.03 && queued <= waited.duration, String(queued));
    assert.ok(Number(ran.attributes['tsuwsgi.queue.duration']) < queued);
    assert.deepEqual(waited.events, [{ name: 'tsuwsgi.dequeued', attributes: { 'tsuwsgi.queue.duration': queued } }]);
  });

  test('of which no worker hears tells why', async (t) => {
    const { collector, running } = await traced(t, {}, { queueLimit: 1 });
    const [first, second] = [await running.client(), await running.client()];
    first.send('/waits');
    await running.gatewayHasRead();
    second.send('/refused');
    assert.equal((await second.response()).status, 503);
    const { attributes, status } = await collector.of('/refused');
    assert.deepEqual([attributes['http.response.status_code'], attributes['error.type']], [503, '503']);
    assert.deepEqual([attributes['tsuwsgi.worker.id'], attributes['tsuwsgi.queue.duration']], [undefined, undefined]);
    assert.deepEqual(status, { code: ERROR, message: 'the queue is full (queue-limit = 1)' });
  });

  test('that fails in the worker is an error; one for which there is nothing is none', async (t) => {
    const { collector, running } = await traced(t);
    const slot = running.slot();
    const client = await running.client();
    for (const status of ['500 Internal Server Error', '404 Not Found']) {
      client.send(`/${status.slice(0, 3)}`);
      const { id } = await slot.next();
      slot.respond(id, { status });
      await client.response();
    }
    const [broken, missing] = [await collector.of('/500'), await collector.of('/404')];
    assert.deepEqual([broken.status, broken.attributes['error.type']], [{ code: ERROR }, '500']);
    assert.deepEqual([missing.status.code, missing.attributes['error.type']], [0, undefined]);
    assert.equal(missing.attributes['http.response.status_code'], 404);
  });

  test('whose response breaks off is an error, whatever its status was', async (t) => {
    const { collector, running } = await traced(t);
    const slot = running.slot();
    const client = await running.client();
    client.send('/cut');
    const { id } = await slot.next();
    slot.respond(id, { body: 'some', flags: 0 });
    slot.end(id, RESPONSE_FLAG.aborted);
    const { attributes, status } = await collector.of('/cut');
    assert.deepEqual([attributes['http.response.status_code'], attributes['error.type'], status.code], [200, 'response_cut', ERROR]);
  });

  test('is over when its client has left, and says so', async (t) => {
    const { collector, running } = await traced(t);
    const slot = running.slot();
    const client = await running.client();
    client.send('/impatient');
    const { id } = await slot.next();
    client.stream.socket.resetAndDestroy();
    const { events, status } = await collector.of('/impatient');
    assert.deepEqual([events.map(({ name }) => name), status.code], [['tsuwsgi.dequeued', 'tsuwsgi.client_left'], 0]);
    slot.respond(id);
    await running.gatewayHasRead();
    assert.equal(collector.spans.length, 1);
  });

  test('is over when its body is refused, or its client leaves in the middle of it', async (t) => {
    const { collector, running } = await traced(t, {}, { limitPost: 10 });
    const [large, gone] = [await running.client(), await running.client()];
    large.sendRaw('POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n', 'POST');
    assert.equal((await large.response()).status, 413);
    gone.sendRaw('POST /gone HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nsome', 'POST');
    await running.gatewayHasRead();
    gone.close();
    assert.equal((await collector.of('/large')).attributes['http.response.status_code'], 413);
    assert.deepEqual((await collector.of('/gone')).events, [{ name: 'tsuwsgi.client_left', attributes: {} }]);
  });

  test('is over when there is more of it than it said', async (t) => {
    const collector = await Collector.start(t);
    const running = await RunningGateway.start(t, { protocol: 'scgi', option: 'scgi-socket', tracing: settingsFor(collector.url) });
    const client = await ByteStream.open({ host: '127.0.0.1', port: running.port });
    onEnd(t, () => client.close());
    client.write(Buffer.concat([scgiMessage('/more'), Buffer.from('more')]));
    assert.equal((await collector.of('/more')).attributes['http.response.status_code'], 400);
  });

  test('names the mountpoint of its application also where one worker has several', async (t) => {
    const mounted = [
      { mountpoint: '/shop', site: '/shop' },
      { mountpoint: '/blog', site: '/shop' },
    ];
    const sites = { mounted, managesScriptName: true, ignoresScriptName: false, isDynamic: false, otherwise: '/shop' };
    const { collector, running } = await traced(t, {}, { sites });
    const slot = running.slot({ site: '/shop' });
    const client = await running.client();
    for (const path of ['/blog/1', '/shop/2', '/other']) {
      client.send(path);
      await slot.serve('');
      await client.response();
    }
    const found = await collector.has(3);
    assert.deepEqual(
      found.map(({ attributes }) => attributes['tsuwsgi.mountpoint']),
      ['/blog', '/shop', '/shop'],
    );
  });
});

describe('other settings', () => {
  test('count for the requests that come then; those that run are told of where they began', async (t) => {
    const { collector, running } = await traced(t, { serviceName: 'before' });
    const other = await Collector.start(t);
    const slot = running.slot();
    const [first, second] = [await running.client(), await running.client()];
    first.send('/before');
    const { id } = await slot.next();
    const tracing = settingsFor(other.url, { serviceName: 'after', headers: { authorization: 'Bearer secret' } });
    running.gateway.handle({ type: 'settings', settings: { ...running.plan, tracing } });
    await eventually('it says so', () => running.lines.includes(`[gateway] tracing: spans go to ${other.url}/v1/traces`));
    slot.respond(id);
    second.send('/after');
    await slot.serve('');
    assert.equal((await collector.of('/before')).resource['service.name'], 'before');
    assert.equal((await other.of('/after')).resource['service.name'], 'after');
    assert.equal(other.messages[0]?.headers.authorization, 'Bearer secret');
    assert.deepEqual([collector.spans.length, other.spans.length], [1, 1]);
  });

  test('that want no spans leave the headers of requests as they are', async (t) => {
    const { collector, running } = await traced(t);
    const slot = running.slot();
    const client = await running.client();
    running.gateway.handle({ type: 'settings', settings: { ...running.plan, tracing: undefined } });
    await running.gatewayHasRead();
    client.send('/', { headers: KEPT });
    const { environ } = await slot.serve('');
    assert.equal(environ['HTTP_TRACEPARENT'], KEPT.traceparent);
    assert.deepEqual(
      collector.spans.filter(({ attributes }) => attributes['url.path'] === '/'),
      [],
    );
  });
});

test('without the packages of OpenTelemetry requests are served without spans, and the log says what is missing', async () => {
  const lines: string[] = [];
  const missing = Object.assign(new Error("Cannot find package '@opentelemetry/api'"), { code: 'ERR_MODULE_NOT_FOUND' });
  const tracing = new Tracing(
    (line) => void lines.push(line),
    () => Promise.reject(missing),
  );
  await tracing.follow(settingsFor('http://c:4318'));
  const sites = { mounted: [], managesScriptName: false, ignoresScriptName: false, isDynamic: false, otherwise: '' };
  assert.deepEqual(tracing.receivers({ sites }), []);
  assert.deepEqual(lines, [
    `[gateway] tracing: no spans are made: ${missing.message}; OpenTelemetry's packages come with "npm install --include=optional tsuwsgi"`,
  ]);
  let hasEnded = false;
  tracing.end(() => (hasEnded = true));
  assert.ok(hasEnded);
});

describe('a gateway that stops', () => {
  test('sends what it has before it says so', async (t) => {
    process.env['OTEL_BSP_SCHEDULE_DELAY'] = '60000';
    onEnd(t, () => void (process.env['OTEL_BSP_SCHEDULE_DELAY'] = '20'));
    const { collector, running } = await traced(t);
    const slot = running.slot();
    const client = await running.client();
    client.send('/running');
    await slot.next();
    running.gateway.handle({ type: 'stop', how: 'now' });
    await running.hasStopped();
    assert.deepEqual(
      collector.spans.map(({ attributes }) => attributes['url.path']),
      ['/running'],
    );
  });

  test('does not wait for a collector that does not answer', async (t) => {
    const silent = createServer((socket) => onEnd(t, () => void socket.destroy()));
    onEnd(t, () => void silent.close());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${String((silent.address() as AddressInfo).port)}`;
    const running = await RunningGateway.start(t, { tracing: settingsFor(url) });
    await running.gatewayHasRead();
    const client = await running.client();
    const slot = running.slot();
    client.send('/');
    await slot.serve('');
    await client.response();
    const asked = performance.now();
    running.gateway.handle({ type: 'stop', how: 'now' });
    await running.hasStopped();
    assert.ok(performance.now() - asked < 2500);
  });
});
