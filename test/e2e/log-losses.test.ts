/** Lines about requests reach the log whatever becomes of their worker, and requests are answered whatever becomes of the log. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startLoad } from '../helpers/load.ts';
import { onEnd } from '../helpers/scope.ts';
import { launchServer, SERVER, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

describe('a worker that dies under load', () => {
  for (const path of ['/kill', '/os-exit']) {
    test(`leaves a line for each request that it has answered: ${path}`, async (t) => {
      const server = await startServer(t, '--http-socket 127.0.0.1:0 --master --wsgi-file exit.py');
      const load = startLoad(t, server.address('http-socket'), { clients: 16, path: '/answered', speak: 'keep-alive' });
      for (const nth of [1, 2, 3]) {
        await load.good(200);
        await load.ask(path);
        await server.line(/worker 1 \(pid \d+\) serving/, nth + 1);
      }
      const { tally } = load;
      await load.stop();
      await server.stop('SIGTERM');
      // One that had been answered, but not to its end, when the worker died counts as lost and may have a line as well.
      const lines = server.lines(/ GET \/answered => /).length;
      assert.ok(lines >= tally.of('ok'), `${String(tally.of('ok'))} answers, ${String(lines)} lines`);
      assert.ok(lines <= tally.total);
    });
  }
});

const REQUEST = /^\[pid: \d+\|app: (-1|0)\|.* GET \/(s\/a\.txt)? => generated \d+ bytes .* switches on core 0\)$/;
const NOTICE = /^\w{3} \w{3} .{16} - (\d+) lines? w(?:as|ere) dropped: the log did not take them$/;

test('a log that nobody reads stops nobody: what it did not take is told once it is read', async (t) => {
  const directory = tempDir(t);
  const pipe = join(directory, 'log');
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  onEnd(t, () => {
    closeSync(reader);
  });
  writeFileSync(join(directory, 'a.txt'), 'hello');
  const [http, stats] = ['http', 'stats'].map((name) => ({ kind: 'unix' as const, path: join(directory, name) }));
  assert.ok(http && stats);
  const words = [
    '--http-socket',
    http.path,
    '--stats',
    stats.path,
    '--stats-http',
    '--static-map',
    `/s=${directory}`,
    '--wsgi-file',
    'hello.py',
  ];
  launchServer(t, words, { command: ['sh', '-c', `exec "$0" "$@" >${pipe} 2>&1`, ...SERVER] });
  await eventually(
    'a server',
    () =>
      fetchOnce(http, '/').then(
        () => true,
        () => false,
      ),
    15_000,
  );
  for (const path of ['/', '/s/a.txt']) {
    const load = startLoad(t, http, { clients: 8, path, speak: 'keep-alive' });
    await load.good(3000);
    assert.deepEqual((await load.stop()).lost, {}, path);
  }
  const dropped = async () => (JSON.parse((await fetchOnce(stats, '/')).text) as { log: { dropped: number } }).log.dropped;
  assert.ok((await dropped()) > 1000, String(await dropped()));

  let text = '';
  const told = () => text.split('\n').reduce((sum, line) => sum + Number(NOTICE.exec(line)?.[1] ?? 0), 0);
  const bytes = Buffer.alloc(65536);
  const requests = () => text.split('\n').filter((line) => line.includes('[pid: '));
  // The last lines may wait a moment, and be dropped then.
  await eventually('all lines dropped are told, and all others are there', async () => {
    try {
      text += bytes.toString('utf8', 0, readSync(reader, bytes));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    }
    return told() === (await dropped()) && requests().length + told() >= 6000;
  });
  assert.deepEqual(
    requests().filter((line) => !REQUEST.test(line)),
    [],
  );
});
