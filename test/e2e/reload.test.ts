/** New code without a lost request. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { formatAddress } from '../helpers/address.ts';
import { eventually } from '../helpers/eventually.ts';
import { ByteStream, ConnectionLost } from '../helpers/byte-stream.ts';
import { fetchOnce, HttpConnection } from '../helpers/http.ts';
import { startLoad, type Load } from '../helpers/load.ts';
import { allGone, isAlive } from '../helpers/processes.ts';
import { NOT_ROOT } from '../helpers/requirements.ts';
import { startServer, type Server } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

describe('a reload under load', () => {
  for (const { flags, door, speak } of [
    { flags: '--http 127.0.0.1:0 -p 2', door: 'http', speak: 'http' },
    { flags: '--http 127.0.0.1:0 -p 2 --threads 2', door: 'http', speak: 'keep-alive' },
    { flags: '--http 127.0.0.1:0 -p 2 --lazy-apps', door: 'http', speak: 'http' },
    { flags: '--http-socket 127.0.0.1:0 -p 1', door: 'http-socket', speak: 'http' },
    { flags: '--socket 127.0.0.1:0 -p 2', door: 'uwsgi', speak: 'uwsgi' },
    { flags: '--socket 127.0.0.1:0 -p 2 --threads 2', door: 'uwsgi', speak: 'uwsgi' },
  ] as const) {
    test(`SIGHUP: the new code serves, nothing was lost: ${flags} (${speak})`, async (t) => {
      const { server, load, write } = await serve(t, { flags, door, speak });
      for (const version of ['two', 'three']) {
        write(version);
        server.signal('SIGHUP');
        await load.body(version);
        await load.more(100);
      }
      const { lost, bodies } = await load.stop();
      assert.deepEqual([lost, [...bodies.keys()].sort()], [{}, ['one', 'three', 'two']]);
      assert.ok(isAlive(server.pid), 'the master has the same pid');
    });
  }

  test('--touch-reload: a touched file does the same', async (t) => {
    const trigger = join(tempDir(t, { trigger: '' }), 'trigger');
    const { server, load, write } = await serve(t, { flags: `--http 127.0.0.1:0 -p 2 --touch-reload ${trigger}` });
    write('two');
    const later = Date.now() / 1000 + 2;
    utimesSync(trigger, later, later);
    await load.body('two');
    assert.deepEqual((await load.stop()).lost, {});
    assert.ok(isAlive(server.pid));
  });

  test('--py-autoreload: an edit does the same', async (t) => {
    const { server, load, write } = await serve(t, { flags: '--http 127.0.0.1:0 -p 2 --py-autoreload 1' });
    write('two');
    await load.body('two');
    await server.line(/app\.py was changed: reloading/);
    assert.deepEqual((await load.stop()).lost, {});
  });

  test('--py-autoreload: an edit of a module that one worker alone has imported, while it served, counts as well', async (t) => {
    const cwd = tempDir(t, { 'app.py': LATE_IMPORT, 'late.py': 'TEXT = "one"' });
    const server = await startServer(t, '--socket 127.0.0.1:0 -p 2 --wsgi-file app.py --py-autoreload 1', { cwd });
    // Two at a time, so that both workers are asked.
    const ask = async () => (await uwsgiRequest(server.address('uwsgi'), '/')).text;
    const answers = (text: string) => eventually(text, async () => (await Promise.all([ask(), ask()])).includes(text));
    await answers('one');
    writeFileSync(join(cwd, 'late.py'), 'TEXT = "another"');
    await server.line(/late\.py was changed: reloading/);
    await answers('another');
    assert.equal(server.lines(/was changed: reloading/).length, 1);
  });

  test('--py-autoreload: a broken edit shows its traceback and leaves the old code serving; the next one mends it', async (t) => {
    const { server, load, write, writeText } = await serve(t, { flags: '--http 127.0.0.1:0 -p 1 --py-autoreload 1' });
    writeText('def application(:\n');
    await server.line(/SyntaxError/);
    await load.more(20);
    write('three');
    await load.body('three');
    assert.deepEqual((await load.stop()).lost, {});
  });

  for (const { flags, door, speak } of [
    { flags: '--http 127.0.0.1:0 -p 3 --lazy-apps', door: 'http', speak: 'keep-alive' },
    { flags: '--socket 127.0.0.1:0 -p 3', door: 'uwsgi', speak: 'uwsgi' },
  ] as const) {
    test(`--touch-chain-reload: one worker after the other, nothing is lost: ${flags}`, async (t) => {
      const trigger = join(tempDir(t, { trigger: '' }), 'trigger');
      const { server, load, write } = await serve(t, { flags: `${flags} --touch-chain-reload ${trigger}`, door, speak });
      const old = [1, 2, 3].map((id) => server.workerPid(id));
      write('two');
      const later = Date.now() / 1000 + 2;
      utimesSync(trigger, later, later);
      await server.line(/reloaded: 3 new workers serve/);
      await load.more(20);
      assert.deepEqual((await load.stop()).lost, {});
      await allGone(old, 5_000);
      assert.deepEqual(server.log.match(/(?<=worker )\d(?= \(pid \d+\) serving)/g), ['1', '2', '3', '1', '2', '3']);
      assert.equal((await (door === 'http' ? fetchOnce : uwsgiRequest)(server.address(door), '/')).text, 'two');
    });
  }

  test('--touch-workers-reload is a reload like any other', async (t) => {
    const trigger = join(tempDir(t, { trigger: '' }), 'trigger');
    const { load, write } = await serve(t, { flags: `--http 127.0.0.1:0 -p 2 --touch-workers-reload ${trigger}` });
    write('two');
    const later = Date.now() / 1000 + 2;
    utimesSync(trigger, later, later);
    await load.body('two');
    assert.deepEqual((await load.stop()).lost, {});
  });

  test('--touch-reload: a file that appears counts as touched', async (t) => {
    const trigger = join(tempDir(t), 'trigger');
    const { load, write } = await serve(t, { flags: `--http 127.0.0.1:0 -p 2 --touch-reload ${trigger}` });
    write('two');
    writeFileSync(trigger, '');
    await load.body('two');
    assert.deepEqual((await load.stop()).lost, {});
  });
});

describe('what a reload does not do', () => {
  test('it does not cut a request that runs: the old worker finishes it', async (t) => {
    const cwd = tempDir(t, { 'app.py': SLEEPER('one') });
    const server = await startServer(t, '--http 127.0.0.1:0 -M -p 2 --wsgi-file app.py', { cwd });
    const slow = fetchOnce(server.address('http'), '/?1.5');
    await server.line(/^began/);
    writeFileSync(join(cwd, 'app.py'), SLEEPER('two'));
    server.signal('SIGHUP');
    await eventually('the new code', async () => (await fetchOnce(server.address('http'), '/?0')).text === 'two');
    assert.equal((await slow).text, 'one');
  });

  test('it leaves no process of the old code behind', async (t) => {
    const { server, load, write } = await serve(t, { flags: '--http 127.0.0.1:0 --socket 127.0.0.1:0 -p 2' });
    const old = [server.workerPid(1), server.workerPid(2)];
    const before = server.family().length;
    write('two');
    server.signal('SIGHUP');
    await load.body('two');
    await allGone(old, 5_000);
    await load.stop();
    await server.line(/worker 2 \(pid \d+\) serving/, 2);
    assert.equal(server.family().length, before, 'as many processes as before');
  });

  test('it waits for nobody: idle workers of the direct door go at once', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 -M -p 2 --wsgi-file hello.py');
    const old = [server.workerPid(1), server.workerPid(2)];
    server.signal('SIGHUP');
    await server.line(/worker 2 \(pid \d+\) serving/, 2);
    await allGone(old, 5_000);
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).status, 200);
  });
});

describe('a reload of code that is broken', () => {
  for (const flags of ['-p 2', '-p 2 --lazy-apps']) {
    test(`the old code goes on, the log says why, and a repaired file can be loaded: ${flags}`, async (t) => {
      const { server, load, write, writeText } = await serve(t, { flags: `--http 127.0.0.1:0 ${flags}` });
      writeText('raise RuntimeError("broken on purpose")\n');
      server.signal('SIGHUP');
      await server.line(/RuntimeError: broken on purpose/);
      await load.more(100);
      assert.equal((await fetchOnce(server.address('http'), '/')).text, 'one');
      assert.match(server.log, /reload/i);
      write('two');
      server.signal('SIGHUP');
      await load.body('two');
      const tally = await load.stop();
      assert.deepEqual(tally.lost, {});
      assert.deepEqual([...tally.bodies.keys()].sort(), ['one', 'two']);
    });
  }
});

describe('a reload with a changed configuration', () => {
  test('brings other threads, deadlines and numbers of workers', async (t) => {
    const cwd = tempDir(t, { 'app.py': WHO, 'app.ini': INI('processes = 1') });
    const server = await startServer(t, 'app.ini', { cwd });
    const describeWorker = async () => (await uwsgiRequest(server.address('uwsgi'), '/')).text;
    assert.equal(await describeWorker(), 'multithread False multiprocess False');
    writeFileSync(join(cwd, 'app.ini'), INI('processes = 2\nthreads = 3\nharakiri = 1'));
    server.signal('SIGHUP');
    await server.line(/reloaded: 2 new workers serve/);
    assert.match(server.log, /worker 2 \(pid \d+\) serving, 3 threads/);
    assert.equal(await describeWorker(), 'multithread True multiprocess True');
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/sleep')).status, 504, 'harakiri is in force');
    assert.doesNotMatch(server.log, /after a restart/);
  });

  test('brings other files to watch, and forgets the old ones', async (t) => {
    const cwd = tempDir(t, { 'app.py': WHO, 'app.ini': INI('touch-reload = before'), before: '', after: '' });
    const server = await startServer(t, 'app.ini', { cwd });
    writeFileSync(join(cwd, 'app.ini'), INI('touch-reload = after'));
    server.signal('SIGHUP');
    await server.line(/reloaded: /);
    const later = Date.now() / 1000 + 2;
    for (const file of ['before', 'after']) utimesSync(join(cwd, file), later, later);
    await server.line(/reloaded: /, 2);
    assert.deepEqual(server.log.match(/(before|after), which was touched/g), ['after, which was touched']);
  });

  test('brings another address, by HTTP where there was none, and nothing is lost at the old one', async (t) => {
    const cwd = tempDir(t, { 'app.py': WHO, 'app.ini': INI('') });
    const server = await startServer(t, 'app.ini', { cwd });
    const load = startLoad(t, server.address('uwsgi'), { clients: 4, speak: 'uwsgi' });
    await load.more(20);
    for (const [round, more] of [
      [1, 'http = 127.0.0.1:0'],
      [2, 'http = 127.0.0.1:0\nhttp = localhost:0\nsocket = more.sock'],
    ] as const) {
      writeFileSync(join(cwd, 'app.ini'), INI(more));
      server.signal('SIGHUP');
      await server.line(/reloaded: /, round);
      assert.equal((await fetchOnce(server.address('http', round), '/')).status, 200);
    }
    assert.equal((await uwsgiRequest({ path: join(cwd, 'more.sock') }, '/')).status, 200);
    assert.equal((await fetchOnce(server.address('http', 1), '/')).status, 200, 'the first is there as well');
    await load.more(20);
    assert.deepEqual((await load.stop()).lost, {});
  });

  test('puts the gateway before a uwsgi socket and takes it away again, and nothing is lost', async (t) => {
    const cwd = tempDir(t, { 'app.py': WHO, 'app.ini': INI('') });
    const server = await startServer(t, 'app.ini', { cwd });
    const load = startLoad(t, server.address('uwsgi'), { clients: 4, speak: 'uwsgi' });
    await load.more(20);
    for (const [round, more] of [
      [1, 'direct-socket = false'],
      [2, ''],
    ] as const) {
      writeFileSync(join(cwd, 'app.ini'), INI(more));
      server.signal('SIGHUP');
      await server.line(/reloaded: /, round);
      await load.more(20);
    }
    await server.line(/uwsgi on .*:\d+$/);
    assert.deepEqual((await load.stop()).lost, {});
  });

  test('gives addresses up, and another server can have them', async (t) => {
    const cwd = tempDir(t, { 'app.py': WHO, 'app.ini': INI('http = 127.0.0.1:0\nhttp-socket = web.sock\nvacuum = true') });
    const server = await startServer(t, 'app.ini', { cwd });
    const address = server.address('http');
    const kept = await HttpConnection.open(address);
    assert.equal((await kept.request('/')).status, 200);
    writeFileSync(join(cwd, 'app.ini'), INI('vacuum = true'));
    server.signal('SIGHUP');
    await server.line(/reloaded: /);
    await eventually('the address is refused', () =>
      fetchOnce(address, '/').then(
        () => false,
        (error: unknown) => error instanceof ConnectionLost && error.loss === 'refused',
      ),
    );
    assert.equal(existsSync(join(cwd, 'web.sock')), false);
    await startServer(t, `--http-socket ${formatAddress(address)} --wsgi-file app.py`, { cwd });
    kept.close();
  });

  test('brings the statistics elsewhere, and in another protocol', async (t) => {
    const cwd = tempDir(t, { 'app.py': WHO, 'app.ini': INI('stats = one.sock\nvacuum = true') });
    const server = await startServer(t, 'app.ini', { cwd });
    const bytesOf = async (name: string): Promise<string> => {
      const stream = await ByteStream.open({ path: join(cwd, name) });
      return (await stream.readToEnd()).toString();
    };
    assert.match(await bytesOf('one.sock'), /^\{/);
    for (const [round, more] of [
      [1, 'stats = two.sock'],
      [2, 'stats = two.sock\nstats-http = true'],
    ] as const) {
      writeFileSync(join(cwd, 'app.ini'), INI(`${more}\nvacuum = true`));
      server.signal('SIGHUP');
      await server.line(/reloaded: /, round);
      if (round === 1) assert.match(await bytesOf('two.sock'), /^\{/);
    }
    assert.equal(existsSync(join(cwd, 'one.sock')), false);
    await eventually('HTTP', () =>
      fetchOnce({ path: join(cwd, 'two.sock') }, '/readyz').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  });

  test('brings other limits to the gateway', async (t) => {
    const cwd = tempDir(t, { 'app.py': WHO, 'app.ini': INI('http = 127.0.0.1:0\nharakiri = 1') });
    const server = await startServer(t, 'app.ini', { cwd });
    assert.equal((await fetchOnce(server.address('http'), '/sleep?2')).status, 504);
    const kept = await HttpConnection.open(server.address('http'));
    assert.equal((await kept.request('/')).status, 200);
    writeFileSync(join(cwd, 'app.ini'), INI('http = 127.0.0.1:0\nthreads = 2\nharakiri = 30\nbuffer-size = 8192\nlimit-post = 10'));
    server.signal('SIGHUP');
    await server.line(/reloaded: /);
    const head = { headers: { 'X-Long': 'x'.repeat(6000) } };
    const [fresh, old] = await Promise.all([fetchOnce(server.address('http'), '/sleep?2', head), kept.request('/sleep?2', head)]);
    assert.deepEqual([fresh.status, old.status], [200, 200], 'on a connection from before, too');
    await server.line(/GET \/sleep\?2 => .* 200\)/, 2);
    assert.equal((await kept.request('/', { method: 'POST', body: 'x'.repeat(11) })).status, 413);
    kept.close();
  });

  test('enters the directory of chdir anew: a link that leads to another release by then, and another directory', async (t) => {
    const release = (version: string) => ({ [`${version}/app.py`]: VERSIONED(version) });
    const cwd = tempDir(t, { ...release('one'), ...release('two'), ...release('three'), 'app.ini': INI('chdir = current') });
    symlinkSync('one', join(cwd, 'current'));
    const server = await startServer(t, 'app.ini', { cwd });
    const version = async () => (await uwsgiRequest(server.address('uwsgi'), '/')).text;
    assert.equal(await version(), 'one');
    rmSync(join(cwd, 'current'));
    symlinkSync('two', join(cwd, 'current'));
    rmSync(join(cwd, 'one'), { recursive: true });
    server.signal('SIGHUP');
    await server.line(/reloaded: /);
    assert.equal(await version(), 'two');
    writeFileSync(join(cwd, 'app.ini'), INI('chdir = three'));
    server.signal('SIGHUP');
    await server.line(/reloaded: /, 2);
    assert.equal(await version(), 'three');
    assert.doesNotMatch(server.log, /after a restart/);
  });

  for (const { what, chdir } of [
    { what: 'without chdir', chdir: '' },
    { what: 'with a chdir that anybody may enter', chdir: 'open' },
    { what: 'with a chdir that only root could enter by its path', chdir: 'private/app' },
  ])
    test(`works where root was given up and only root may go back to where it was started: ${what}`, { skip: NOT_ROOT }, async (t) => {
      const app = VERSIONED('one');
      const root = tempDir(t, { 'open/app.py': app, 'private/app.py': app, 'private/app/app.py': app });
      const cwd = join(root, 'private');
      const more = chdir === '' ? '' : `chdir = ${join(root, chdir)}`;
      writeFileSync(
        join(root, 'app.ini'),
        INI(`uid = nobody\npythonpath = ${join(root, 'open')}\n${more}`).replace('wsgi-file = app.py', 'module = app'),
      );
      chmodSync(cwd, 0o700);
      const server = await startServer(t, join(root, 'app.ini'), { cwd });
      server.signal('SIGHUP');
      await server.line(/reloaded: /);
      assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).text, 'one');
    });

  test('with a directory that it cannot enter, or with code there that is broken, leaves the server in the old one', async (t) => {
    const cwd = tempDir(t, { 'one/app.py': VERSIONED('one'), 'two/app.py': 'broken', 'app.ini': INI('chdir = one\nstats = stats.sock') });
    const server = await startServer(t, 'app.ini', { cwd });
    for (const [round, directory] of ['nowhere', 'two'].entries()) {
      writeFileSync(join(cwd, 'app.ini'), INI(`chdir = ${directory}\nstats = stats.sock`));
      server.signal('SIGHUP');
      await server.line(/the reload failed, the old workers go on serving: /, round + 1);
    }
    assert.match(server.log, /cannot enter the directory nowhere: no such file or directory/);
    process.kill(Number(server.lines(/^python .* \(pid (\d+)\)/)[0]?.[1]), 'SIGKILL');
    await server.line(/serving, 1 thread/, 2);
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).text, 'one', 'it was imported again');
    const document = await (await ByteStream.open({ path: join(cwd, 'one/stats.sock') })).readToEnd();
    assert.equal((JSON.parse(document.toString()) as { cwd: string }).cwd, join(cwd, 'one'));
  });

  test('that names an address which is taken fails, and everything stays as it was', async (t) => {
    const cwd = tempDir(t, { 'app.py': WHO, 'app.ini': INI('') });
    const server = await startServer(t, 'app.ini', { cwd });
    const other = await startServer(t, '--http-socket 127.0.0.1:0 --wsgi-file hello.py');
    writeFileSync(join(cwd, 'app.ini'), INI(`http = 127.0.0.1:0\nhttp = ${formatAddress(other.address('http-socket'))}`));
    server.signal('SIGHUP');
    await server.line(/the reload failed, the old workers go on serving: .*already in use/);
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).status, 200);
    writeFileSync(join(cwd, 'app.ini'), INI('http = 127.0.0.1:0'));
    writeFileSync(join(cwd, 'app.py'), 'broken');
    const before = server.family().length;
    server.signal('SIGHUP');
    await server.line(/the reload failed/, 2);
    await eventually('the gateway that was started for it is gone', () => server.family().length === before);
    assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).status, 200);
  });

  test('that it cannot bring says so', async (t) => {
    const cwd = tempDir(t, { 'app.py': WHO, 'app.ini': INI('') });
    const server = await startServer(t, 'app.ini', { cwd });
    writeFileSync(join(cwd, 'app.ini'), INI('uid = nobody\nproceses = 3'));
    server.signal('SIGHUP');
    await server.line(/app\.ini:6: .*"proceses"/);
    await server.line(/uid, gid, .*: changed in the configuration, in force after a restart/);
    await server.line(/reloaded: /);
  });
});

test('two SIGHUPs in a row are two reloads at most, and nothing is lost', async (t) => {
  const { server, load, write } = await serve(t, { flags: '--http 127.0.0.1:0 -p 2' });
  write('two');
  server.signal('SIGHUP');
  server.signal('SIGHUP');
  await load.body('two');
  await load.more(200);
  assert.deepEqual((await load.stop()).lost, {});
});

const INI = (more: string) => `[uwsgi]
socket = 127.0.0.1:0
wsgi-file = app.py
master = true
${more}
`;

const WHO = `import time

def application(environ, start_response):
    if environ["PATH_INFO"] == "/sleep":
        # In steps, since harakiri interrupts between two of them.
        for _ in range(int(environ["QUERY_STRING"] or 20) * 20):
            time.sleep(0.05)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [("multithread %s multiprocess %s" % (environ["wsgi.multithread"], environ["wsgi.multiprocess"])).encode()]
`;

const LATE_IMPORT = `import time, uwsgi

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    time.sleep(0.1)
    if uwsgi.worker_id() == 1:
        return [b"worker 1"]
    import late
    return [late.TEXT.encode()]
`;

const SLEEPER = (version: string) => `import time

def application(environ, start_response):
    print("began", flush=True)
    time.sleep(float(environ["QUERY_STRING"]))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"${version}"]
`;

const VERSIONED = (version: string) => `import time

def application(environ, start_response):
    time.sleep(0.005)
    output = b"${version}" if environ["REQUEST_METHOD"] + environ["PATH_INFO"] == "GET/" else b"another request"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(output)))])
    return [output]
`;

interface Reloadable {
  readonly server: Server;
  readonly load: Load;
  /** Puts a new version of the application in place. */
  readonly write: (version: string) => void;
  readonly writeText: (text: string) => void;
}

interface Kind {
  readonly flags: string;
  readonly door?: 'http' | 'http-socket' | 'uwsgi';
  readonly speak?: 'http' | 'keep-alive' | 'uwsgi';
}

/** A server under load whose application says "one". */
async function serve(t: TestContext, { flags, door = 'http', speak = 'http' }: Kind): Promise<Reloadable> {
  const cwd = tempDir(t, { 'app.py': VERSIONED('one') });
  const server = await startServer(t, `-M ${flags} --wsgi-file app.py -L`, { cwd });
  const load = startLoad(t, server.address(door), { clients: 6, speak });
  await load.body('one');
  await load.more(50);
  const writeText = (text: string) => {
    writeFileSync(join(cwd, 'app.py'), text);
  };
  return {
    server,
    load,
    writeText,
    write: (version) => {
      writeText(VERSIONED(version));
    },
  };
}
