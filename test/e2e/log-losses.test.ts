/** Lines about requests reach the log whatever becomes of their worker, and requests are answered whatever becomes of the log. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startLoad } from '../helpers/load.ts';
import { startServer } from '../helpers/server.ts';

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
