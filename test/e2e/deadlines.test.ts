/** Requests that run too long: they end, and what runs beside them does not notice. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fetchOnce, HttpConnection } from '../helpers/http.ts';
import { startLoad } from '../helpers/load.ts';
import { DOORS, spawned } from '../helpers/doors.ts';
import { allGone } from '../helpers/processes.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';

for (const { door, flags, ask } of DOORS) {
  // At the same time: they mostly wait.
  describe(`--harakiri at the ${door} door`, { concurrency: 2 }, () => {
    for (const threads of [1, 3]) {
      test(`a request that never ends is a 504, its finally blocks run and its worker serves on (threads: ${threads})`, async (t) => {
        const server = await startServer(t, `${flags} -p 1 --threads ${threads} -t 1 --wsgi-file deadlines.py -L`);
        const address = server.address(door);
        const pid = String(server.workerPid(1));
        const began = performance.now();
        assert.equal((await ask(address, '/turning')).status, 504);
        const took = performance.now() - began;
        assert.ok(took >= 1000 && took < 3000, `${took} ms`);
        await server.line(/^tidied up$/);
        await server.line(/HARAKIRI: worker 1 \(pid \d+\) has run GET \/turning on core \d for 1\.\d s; its Python stack:/);
        await server.line(/File "deadlines\.py", line \d+, in turns_in_python/);
        await server.line(/GET \/turning: ended by harakiri; its worker serves on/);
        assert.equal((await ask(address, '/')).text, pid);
        assert.equal(spawned(server), 1);
      });
    }

    test('its neighbours finish, and their answers are whole', async (t) => {
      const server = await startServer(t, `${flags} -p 1 --threads 3 -t 1 --wsgi-file deadlines.py -L`);
      const load = startLoad(t, server.address(door), { clients: 2, path: '/for/0.05', speak: door });
      await load.more(4);
      assert.equal((await ask(server.address(door), '/turning')).status, 504);
      await load.more(10);
      assert.deepEqual((await load.stop()).lost, {});
      assert.equal(spawned(server), 1);
    });

    test('an answer that has begun is cut', async (t) => {
      const server = await startServer(t, `${flags} -p 1 -t 1 --wsgi-file deadlines.py -L`);
      await assert.rejects(ask(server.address(door), '/streamed'));
      await server.line(/^tidied up$/);
      assert.equal((await ask(server.address(door), '/')).status, 200);
      assert.equal(spawned(server), 1);
    });

    test('an application that swallows the exception ends in its own way', async (t) => {
      const server = await startServer(t, `${flags} -p 1 -t 1 --wsgi-file deadlines.py -L`);
      const { status, text } = await ask(server.address(door), '/swallowed');
      // The gateway may have told its client already.
      if (door === 'uwsgi' || status === 200) assert.deepEqual({ status, text }, { status: 200, text: 'HarakiriTimeout' });
      else assert.equal(status, 504);
      assert.equal((await ask(server.address(door), '/')).status, 200);
      assert.equal(spawned(server), 1);
    });

    for (const { what, path, frame } of [
      { what: 'a request that sleeps in C', path: '/sleeping', frame: 'sleeps_in_c' },
      { what: 'a request that never lets go of the interpreter', path: '/matching', frame: 'holds_the_interpreter' },
    ]) {
      test(`${what} costs its worker, a second later, and the other workers do not notice`, async (t) => {
        const server = await startServer(t, `${flags} -p 2 -t 1 --wsgi-file deadlines.py -L`);
        const asked = ask(server.address(door), path).then(
          ({ status }) => status,
          () => 'closed',
        );
        await server.line(new RegExp(`^began ${path}`));
        const load = startLoad(t, server.address(door), { clients: 2, speak: door });
        await server.line(new RegExp(`HARAKIRI: .* has run GET ${path} on core 0 for 1\\.\\d s; its Python stack:`));
        await server.line(/HARAKIRI: .* on core 0 for 2\.\d s and cannot be interrupted: killing the worker/);
        await server.line(new RegExp(`in ${frame}`));
        await server.line(/worker \d \(pid \d+\) serving/, 3);
        await load.more(50);
        assert.deepEqual((await load.stop()).lost, {});
        // nginx has a 502 of its own for that.
        assert.equal(await asked, door === 'http' ? 504 : 'closed');
      });
    }

    test('the neighbours of a request that costs its worker are finished, and its successor is there for the next ones', async (t) => {
      const server = await startServer(t, `${flags} -p 1 --threads 3 -t 1 --wsgi-file deadlines.py -L`);
      const pid = server.workerPid(1);
      const asked = ask(server.address(door), '/sleeping').catch(() => undefined);
      await server.line(/^began \/sleeping/);
      // More than there are slots left, so that these never stand empty, not even when their requests end together.
      const load = startLoad(t, server.address(door), { clients: 6, path: '/for/0.3', speak: door });
      await server.line(/cannot be interrupted: killing the worker, once the others that it runs are finished \(\d\)/);
      await server.line(/worker 1 \(pid \d+\) serving/, 2);
      await allGone([pid], 5000);
      await load.more(4);
      assert.deepEqual((await load.stop()).lost, {});
      assert.equal(spawned(server), 2);
      await asked;
    });

    test('requests that end in time are left alone', async (t) => {
      const server = await startServer(t, `${flags} -p 1 -t 1 --wsgi-file deadlines.py -L`);
      for (let nth = 0; nth < 3; nth++) assert.equal((await ask(server.address(door), '/for/0.6')).status, 200);
      assert.equal(server.lines(/HARAKIRI/).length, 0);
    });
  });

  // At the same time: they mostly wait.
  describe(`--slow-request at the ${door} door`, { concurrency: 2 }, () => {
    for (const { what, more } of [
      { what: 'without harakiri', more: '' },
      { what: 'before harakiri', more: '-t 20' },
    ]) {
      test(`a slow request is shown once with its stack, and not disturbed (${what})`, async (t) => {
        const server = await startServer(t, `${flags} -p 1 --threads 2 --slow-request 1 ${more} --wsgi-file deadlines.py -L`);
        assert.equal((await ask(server.address(door), '/for/1.8')).text, String(server.workerPid(1)));
        await server.line(/SLOW: worker 1 \(pid \d+\) has run GET \/for\/1\.8 on core \d for 1\.\d s so far; its Python stack:/);
        await server.line(/File "deadlines\.py", line \d+, in works_for/);
        assert.equal(server.lines(/SLOW|HARAKIRI/).length, 1);
        assert.equal(server.lines(/in works_for$/).length, 1);
      });
    }
  });
}

test('harakiri with requests waiting behind a worker that must be killed: they are served by the next one', async (t) => {
  const server = await startServer(t, '--http 127.0.0.1:0 -M -p 1 -t 1 --wsgi-file deadlines.py -L');
  const stuck = fetchOnce(server.address('http'), '/sleeping');
  await server.line(/^began \/sleeping/);
  const waiting = [1, 2, 3].map(() => fetchOnce(server.address('http'), '/'));
  assert.equal((await stuck).status, 504);
  for (const { status } of await Promise.all(waiting)) assert.equal(status, 200);
});

test('harakiri, no request-buffering, and a client that sends its body too slowly: the read ends, the worker serves on', async (t) => {
  const server = await startServer(t, '--http 127.0.0.1:0 --request-buffering=false -M -p 1 -t 1 --wsgi-file deadlines.py -L');
  const client = await HttpConnection.open(server.address('http'));
  t.after(() => client.close());
  const begun = Buffer.alloc(100_000, 'x').toString('latin1');
  client.sendRaw(`POST /reading HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n${begun}`, 'POST');
  assert.equal((await client.response()).status, 504);
  assert.equal((await fetchOnce(server.address('http'), '/')).text, String(server.workerPid(1)));
  assert.equal(spawned(server), 1);
});

for (const { framework, app, seen } of [
  { framework: 'flask', app: 'stuck-flask.py', seen: /^teardown saw HarakiriTimeout$/ },
  { framework: 'django', app: 'stuck-django.py', seen: /^teardown saw \/stuck$/ },
]) {
  test(
    `${framework} lets harakiri through, tears down, and serves on in the same process`,
    { skip: requires(`python3-${framework}`) },
    async (t) => {
      const server = await startServer(t, `--http 127.0.0.1:0 -M -p 1 --threads 2 -t 1 --wsgi-file ${app} -L`);
      for (let nth = 1; nth <= 2; nth++) {
        assert.equal((await fetchOnce(server.address('http'), '/stuck')).status, 504);
        await server.line(/GET \/stuck: ended by harakiri; its worker serves on/, nth);
        await server.line(seen, nth);
      }
      assert.equal((await fetchOnce(server.address('http'), '/')).text, 'fine');
      assert.equal(server.lines(/handler saw/).length, 0);
      assert.equal(spawned(server), 1);
    },
  );
}

test('the statistics count a request that was interrupted', async (t) => {
  const server = await startServer(t, '--http 127.0.0.1:0 --stats 127.0.0.1:0 -M -p 1 -t 1 --wsgi-file deadlines.py -L');
  assert.equal((await fetchOnce(server.address('http'), '/turning')).status, 504);
  await server.line(/ended by harakiri/);
  const { workers } = await statsOf(server.address('stats'));
  assert.equal(workers[0]?.harakiri_count, 1);
});
