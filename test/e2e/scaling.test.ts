/** cheaper: the number of workers follows the load, and no request pays for it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startLoad } from '../helpers/load.ts';
import { runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

// At the same time: they mostly wait.
describe('cheaper', { concurrency: 4 }, () => {
  for (const { door, speak } of [
    { door: 'http', speak: 'http' },
    { door: 'uwsgi', speak: 'uwsgi' },
  ] as const) {
    test(`grows under load and shrinks without it, and loses nothing (${speak})`, async (t) => {
      const flag = door === 'uwsgi' ? 'socket' : door;
      const server = await startServer(t, `--${flag} 127.0.0.1:0 -p 3 --cheaper 1 --cheaper-overload 1 --wsgi-file sleep.py -L`);
      assert.match(server.log, /ready: 1 worker\b/);
      const load = startLoad(t, server.address(door), { clients: 6, path: '/?0.05', speak });
      await server.line(/cheaper: 3 instead of 2 workers/);
      await server.line(/worker 3 .* serving/);
      await load.more(50);
      assert.deepEqual((await load.stop()).lost, {});
      await server.line(/cheaper: 1 instead of 2 workers/);
    });
  }

  test('starts with cheaper-initial', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 -p 4 --cheaper 1 --cheaper-initial 2 --wsgi-file hello.py');
    assert.match(server.log, /ready: 2 workers/);
  });

  test('what cannot be is said at the start', async (t) => {
    const { status, stderr } = await runServer(t, '--http 127.0.0.1:0 -p 2 --cheaper 2 --wsgi-file hello.py');
    assert.equal(status, 1);
    assert.match(stderr, /cheaper = 2 must be lower than processes = 2/);
  });
});

test('a reload brings another number of processes, under load, and loses nothing', async (t) => {
  const folder = tempDir(t);
  const path = join(folder, 'app.ini');
  const write = (processes: number): void => {
    writeFileSync(path, `[uwsgi]\nhttp = 127.0.0.1:0\nmaster = true\nwsgi-file = sleep.py\nprocesses = ${String(processes)}\n`);
  };
  write(2);
  const server = await startServer(t, path);
  const load = startLoad(t, server.address('http'), { path: '/?0.01' });
  for (const processes of [4, 1]) {
    write(processes);
    server.signal('SIGHUP');
    await server.line(new RegExp(`reloaded: ${String(processes)} new workers? serve`));
    await load.more(50);
  }
  assert.deepEqual((await load.stop()).lost, {});
  assert.doesNotMatch(server.log, /in force after a restart/);
});
