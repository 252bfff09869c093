/** `/metrics`: what Prometheus' own parsers read of it, and the application's metrics among it. Statistics that are sent to others. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { receiveDatagrams } from '../helpers/datagrams.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { PYTHON } from '../helpers/paths.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const SERVE = '--http 127.0.0.1:0 -M -p 2 --stats 127.0.0.1:0 --stats-http';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0';
/** Reads a page of either format as Prometheus' client for Python does, strictly; prints [name, labels, value] of each sample. */
const PARSER = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families as text
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
families = (openmetrics if sys.argv[1] == "openmetrics" else text)(sys.stdin.read())
print(json.dumps([[s.name, s.labels, str(s.value)] for f in families for s in f.samples]))
`;
const SHOP = `from prometheus_client import Counter, Gauge
import os

ORDERS = Counter("shop_orders", "Orders", ["kind"])
OPEN = Gauge("shop_open", "Open carts", multiprocess_mode="livesum")

def application(environ, start_response):
    ORDERS.labels("book").inc()
    OPEN.set(1)
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]
`;

type Samples = readonly (readonly [name: string, labels: Readonly<Record<string, string>>, value: string])[];

async function scrape(stats: Address, format: 'prometheus' | 'openmetrics' = 'prometheus'): Promise<Samples> {
  const accept = format === 'openmetrics' ? OPENMETRICS : '*/*';
  const { status, header, text } = await fetchOnce(stats, '/metrics', { headers: { Accept: accept } });
  assert.equal(status, 200);
  assert.equal(header('content-type')?.startsWith(format === 'openmetrics' ? 'application/openmetrics-text' : 'text/plain'), true);
  return JSON.parse(execFileSync(PYTHON, ['-c', PARSER, format], { input: text, encoding: 'utf8' })) as Samples;
}

/** The value of the only sample of this name with at least these labels. */
function valueOf(samples: Samples, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const found = samples.filter((sample) => sample[0] === name && Object.entries(labels).every(([key, value]) => sample[1][key] === value));
  assert.ok(found.length <= 1, `several samples: ${JSON.stringify(found)}`);
  return found[0] === undefined ? undefined : Number(found[0][2]);
}

/** How many requests have gone through the queue, and how many it refused, once all three are told. */
function waitsIn(samples: Samples): readonly (number | undefined)[] | undefined {
  const waited = valueOf(samples, 'tsuwsgi_queue_duration_seconds_count');
  return waited === 3 ? [waited, valueOf(samples, 'tsuwsgi_gateway_refused_total')] : undefined;
}

describe('/metrics', { skip: requires('python3-prometheus-client') }, () => {
  for (const format of ['prometheus', 'openmetrics'] as const) {
    test(`is read by Prometheus' parser: ${format}`, async (t) => {
      const server = await startServer(t, `${SERVE} -L --wsgi-file exceptions.py`);
      const http = server.address('http');
      await fetchOnce(http, '/');
      await fetchOnce(http, '/before');
      await fetchOnce(http, '/', { method: 'POST', body: 'abc' });
      const samples = await scrape(server.address('stats'), format);
      const value = (name: string, labels = {}) => valueOf(samples, `tsuwsgi_${name}`, labels);
      assert.equal(value('requests_total', { application: '/', method: 'GET', status: '2xx' }), 1);
      assert.equal(value('requests_total', { method: 'GET', status: '5xx' }), 1);
      assert.equal(value('requests_total', { method: 'POST' }), 1);
      assert.equal(value('exceptions_total'), 1);
      assert.equal(value('request_duration_seconds_count'), 3);
      assert.equal(value('request_duration_seconds_bucket', { le: '+Inf' }), 3);
      assert.equal(value('request_size_bytes_sum'), 3);
      assert.ok((value('request_duration_seconds_sum') ?? 0) > 0);
      assert.equal(value('workers', { state: 'idle' }), 2);
      assert.deepEqual(
        await eventually('the gateway has told', async () => waitsIn(await scrape(server.address('stats'), format))),
        [3, 0],
      );
    });
  }

  test('has no family that docs/metrics.md does not name', async (t) => {
    const server = await startServer(t, `${SERVE} --cache2 name=some,items=8 --metric jobs --wsgi-file hello.py`);
    await fetchOnce(server.address('http'), '/');
    const { text } = await fetchOnce(server.address('stats'), '/metrics');
    const page = readFileSync('docs/metrics.md', 'utf8');
    const families = Array.from(text.matchAll(/^# TYPE (\S+)/gm), ([, name = '']) => name);
    assert.ok(families.length > 30, text);
    assert.deepEqual(
      families.filter((name) => !page.includes(`\`${name}\``)),
      [],
    );
  });

  test("has the application's own among it, of all its processes, and none of those that are gone", async (t) => {
    const cwd = tempDir(t, { 'shop.py': SHOP, 'counts/.keep': '' });
    const server = await startServer(t, `${SERVE} --env PROMETHEUS_MULTIPROC_DIR=${cwd}/counts --wsgi-file shop.py`, { cwd });
    const served = new Set<string>();
    await eventually('both workers have served', async () => {
      const answers = await Promise.all(Array.from({ length: 4 }, () => fetchOnce(server.address('http'), '/')));
      for (const { text } of answers) served.add(text);
      return served.size === 2 || undefined;
    });
    const stats = server.address('stats');
    const before = await scrape(stats, 'openmetrics');
    const orders = valueOf(before, 'shop_orders_total', { kind: 'book' }) ?? 0;
    assert.ok(orders >= 2);
    assert.deepEqual([valueOf(before, 'shop_open'), valueOf(before, 'tsuwsgi_application_metrics_up')], [2, 1]);

    process.kill(server.workerPid(1), 'SIGKILL');
    await server.line(/worker 1 .*killed|worker 1 .*SIGKILL/);
    const after = await scrape(stats);
    assert.deepEqual([valueOf(after, 'shop_open'), valueOf(after, 'shop_orders_total', { kind: 'book' })], [1, orders]);
  });

  test("is there without the application's, and says why, where those cannot be read", async (t) => {
    const server = await startServer(t, `${SERVE} --env PROMETHEUS_MULTIPROC_DIR=/nowhere --wsgi-file hello.py`);
    const samples = await scrape(server.address('stats'));
    assert.equal(valueOf(samples, 'tsuwsgi_application_metrics_up'), 0);
    assert.equal(valueOf(samples, 'tsuwsgi_build_info'), 1);
    await server.line(/\/metrics is without those of the application: .*nowhere/);
  });
});

// At the same time: they mostly wait.
describe('statistics are sent', { concurrency: 3 }, () => {
  const PUSH = '-M -p 2 -L --http 127.0.0.1:0 --wsgi-file hello.py --stats-pusher-default-freq 1';

  test('to StatsD, where the requests add up', async (t) => {
    const receiver = await receiveDatagrams(t);
    const server = await startServer(t, `${PUSH} --stats-push statsd:127.0.0.1:${receiver.port},shop`);
    for (let nth = 0; nth < 3; nth++) await fetchOnce(server.address('http'), '/');
    const lines = () => receiver.records.flatMap((record) => record.split('\n'));
    const counted = () =>
      lines()
        .filter((line) => /^shop\.worker\.[12]\.requests:/.test(line))
        .reduce((sum, line) => sum + Number(/:(\d+)\|c$/.exec(line)?.[1]), 0);
    await eventually('all three are there', () => counted() === 3 || undefined);
    await eventually(
      'and another report came',
      () => lines().filter((line) => line.startsWith('shop.core.idle_workers:')).length >= 2 || undefined,
    );
    assert.equal(counted(), 3);
    assert.ok(lines().includes('shop.core.idle_workers:2|g'));
  });

  test("to Carbon, under the names of uWSGI's plugin, with its own pace", async (t) => {
    const received: string[] = [];
    const carbon = createServer((socket) => socket.setEncoding('utf8').on('data', (text: string) => received.push(text)));
    carbon.listen(0, '127.0.0.1');
    await once(carbon, 'listening');
    t.after(() => carbon.close());
    const { port } = carbon.address() as AddressInfo;
    const words = `--carbon 127.0.0.1:${port} --carbon-freq 1 --carbon-id shop --carbon-root site`;
    const server = await startServer(t, `${PUSH} ${words}`);
    await fetchOnce(server.address('http'), '/');
    const found = await eventually(
      'the request is told',
      () => /^site\.(?:[^.]+\.)?shop\.requests 1 (\d+)$/m.exec(received.join('')) ?? undefined,
    );
    assert.ok(Math.abs(Number(found[1]) - Date.now() / 1000) < 30);
    assert.match(received.join(''), /^site\.(?:[^.]+\.)?shop\.worker2\.busyness \d+ \d+$/m);
  });

  test('into a file, one document after the other; what fails is told and harms nobody', async (t) => {
    const cwd = tempDir(t, {});
    const server = await startServer(t, `${PUSH} --stats-push file:path=${cwd}/stats.json,separator=; --stats-push file:path=/nowhere/x`);
    await eventually('two documents are there', () => documentsIn(`${cwd}/stats.json`).length >= 2 || undefined);
    assert.ok(documentsIn(`${cwd}/stats.json`).every((text) => (JSON.parse(text) as { pid: number }).pid === server.pid));
    await server.line(/stats-push to \/nowhere\/x failed: ENOENT/);
  });
});

/** Whole ones. */
function documentsIn(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split(';').slice(0, -1) : [];
}
