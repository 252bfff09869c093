/** Workers that have served enough or have grown too large go; nobody who asks notices, unless a limit is called evil. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startLoad, type Tally } from '../helpers/load.ts';
import { limitOf } from '../helpers/processes.ts';
import { NOT_ROOT } from '../helpers/requirements.ts';
import { runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

const DOORS = [
  { door: 'http', flags: '--http 127.0.0.1:0', ask: (address: Address, path: string) => fetchOnce(address, path) },
  { door: 'uwsgi', flags: '--socket 127.0.0.1:0', ask: (address: Address, path: string) => uwsgiRequest(address, path) },
] as const;

for (const { door, flags, ask } of DOORS) {
  describe(`at the ${door} door`, () => {
    const speak = door;

    test('--max-requests-delta: the workers go one after the other, and nothing is lost', async (t) => {
      const options = '-p 2 -R 20 --max-requests-delta 30 --min-worker-lifetime 0';
      const server = await startServer(t, `${flags} -M ${options} --wsgi-file pid.py -L`);
      const load = startLoad(t, server.address(door), { clients: 4, speak });
      await server.line(/worker 1 \(pid \d+\) has served 50 requests \(max-requests\): its successor is started/);
      await server.line(/worker 2 \(pid \d+\) has served 80 requests \(max-requests\): its successor is started/);
      await server.line(/worker 2 \(pid \d+\) serving/, 2);
      assertNothingLost(await load.stop());
    });

    test('--max-worker-lifetime: the successor serves before the old one goes, which finishes what it runs', async (t) => {
      const options = '-p 2 --max-worker-lifetime 2 --max-worker-lifetime-delta 1 --min-worker-lifetime 1';
      const server = await startServer(t, `${flags} -M ${options} --wsgi-file sleep.py -L`);
      const load = startLoad(t, server.address(door), { clients: 4, path: '/?0.3', speak });
      await server.line(/worker 1 \(pid \d+\) has lived [23] s, of 2 that it may \(max-worker-lifetime\)/);
      await server.line(/worker 2 \(pid \d+\) has lived [34] s, of 3 that it may \(max-worker-lifetime\)/);
      await server.line(/worker 2 \(pid \d+\) serving/, 2);
      assertNothingLost(await load.stop());
      assert.equal(server.lines(/killing it|was killed/).length, 0);
    });

    for (const { option, reason } of [
      { option: 'reload-on-rss', reason: 'holds \\d+ MB, more than reload-on-rss = 200' },
      { option: 'reload-on-as', reason: 'has an address space of \\d+ MB, more than reload-on-as = 1000' },
    ]) {
      test(`--${option}: a worker that has grown answers, and its neighbour's request is finished`, async (t) => {
        const limit = reason.replace(/.* = /, '');
        const server = await startServer(
          t,
          `${flags} -M -p 1 --threads 2 --${option} ${limit} --min-worker-lifetime 0 --wsgi-file grow.py -L`,
        );
        const old = String(server.workerPid(1));
        assert.equal((await ask(server.address(door), '/?1')).text, old);
        const neighbour = ask(server.address(door), '/1');
        assert.equal((await ask(server.address(door), `/?${limit}`)).text, old);
        await server.line(new RegExp(`worker 1 \\(pid ${old}\\) ${reason}: its successor is started`));
        await server.line(/worker 1 \(pid \d+\) serving/, 2);
        await eventually('the successor answers', async () => (await ask(server.address(door), '/')).text !== old);
        assert.equal((await neighbour).text, old);
      });
    }

    test('--evil-reload-on-rss: a worker that grows is killed in the middle of its request, and replaced', async (t) => {
      const server = await startServer(t, `${flags} -p 1 --evil-reload-on-rss 200 --wsgi-file grow.py -L`);
      const asked = ask(server.address(door), '/60?300').then(
        ({ status }) => status,
        () => 'closed',
      );
      await server.line(/worker 1 \(pid \d+\) holds \d+ MB, more than evil-reload-on-rss = 200: killing it/);
      await server.line(/worker 1 \(pid \d+\) serving/, 2);
      // Only the gateway can answer for a worker that is gone; nginx has a 502 of its own.
      assert.equal(await asked, door === 'http' ? 502 : 'closed');
      assert.equal((await ask(server.address(door), '/')).status, 200);
    });
  });
}

test('--evil-reload-on-as: the address space counts, wherever it comes from', async (t) => {
  const server = await startServer(t, '--http 127.0.0.1:0 -p 1 --evil-reload-on-as 1000 --wsgi-file grow.py -L');
  const asked = fetchOnce(server.address('http'), '/60?1100');
  await server.line(/worker 1 \(pid \d+\) has an address space of \d+ MB, more than evil-reload-on-as = 1000: killing it/);
  assert.equal((await asked).status, 502);
});

test('--min-worker-lifetime holds for a worker that has grown, too', async (t) => {
  const server = await startServer(t, '--http 127.0.0.1:0 -M -p 1 --reload-on-rss 100 --min-worker-lifetime 3 --wsgi-file grow.py -L');
  const began = performance.now();
  await fetchOnce(server.address('http'), '/?150');
  await server.line(/more than reload-on-rss = 100: its successor is started/);
  assert.ok(performance.now() - began > 2_000, 'it had to wait for that');
});

test('--min-worker-lifetime that is not lower than --max-worker-lifetime is an error', async (t) => {
  const { status, output } = await runServer(t, '--http 127.0.0.1:0 --max-worker-lifetime 2 --wsgi-file hello.py');
  assert.equal(status, 1);
  assert.match(output, /min-worker-lifetime = 10 must be lower than max-worker-lifetime = 2/);
});

test('--limit-nproc holds in the workers and not in Node', async (t) => {
  const server = await startServer(t, '--http 127.0.0.1:0 -M -p 1 --limit-nproc 5000 --wsgi-file hello.py');
  assert.equal(limitOf(server.workerPid(1), 'Max processes'), '5000');
  assert.notEqual(limitOf(server.pid, 'Max processes'), '5000');
});

test('--limit-nproc that leaves room for no worker is named as the reason', { skip: NOT_ROOT }, async (t) => {
  const cwd = tempDir(t, { 'app.py': 'def application(environ, start_response): pass\n' });
  const { status, output } = await runServer(t, '--http 127.0.0.1:0 -M --uid 54399 --limit-nproc 2 --wsgi-file app.py', { cwd });
  assert.equal(status, 1);
  assert.match(output, /a worker cannot be forked: .*; the user of the server may have limit-nproc = 2 processes and threads/);
});

describe('--worker-reload-mercy', () => {
  for (const { flags } of [{ flags: '--worker-reload-mercy 1' }, { flags: '--worker-reload-mercy 30 --reload-mercy 1' }]) {
    test(`a worker that is to go and works on is killed after that time: ${flags}`, async (t) => {
      const server = await startServer(t, `--http 127.0.0.1:0 -M -p 1 ${flags} --wsgi-file sleep.py`);
      const stuck = fetchOnce(server.address('http'), '/stuck?60');
      await server.line(/^began \/stuck/);
      server.signal('SIGHUP');
      await server.line(/worker 1 \(pid \d+\) is still draining after 1 s: killing it/);
      assert.equal((await stuck).status, 502);
      assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
    });
  }
});

function assertNothingLost(tally: Tally): void {
  assert.deepEqual(tally.lost, {});
}
