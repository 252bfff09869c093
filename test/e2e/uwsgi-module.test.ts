/** The module `uwsgi`: its values beside those of real uWSGI, and what it does to a running server. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { DOORS, spawned } from '../helpers/doors.ts';
import { fetchOnce, HttpConnection } from '../helpers/http.ts';
import { APPS } from '../helpers/paths.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const APP = '--wsgi-file uwsgi-module.py';
const ORACLE = { skip: requires('uwsgi', 'uwsgi-plugin-python3') };

type Texts = Readonly<Record<string, string>>;
interface Seen {
  readonly 'at import': Texts;
  readonly 'in a request': Texts;
}

const seenBy = async (address: Address): Promise<Seen> => JSON.parse((await fetchOnce(address, '/')).text) as Seen;

/** Values that differ, and why. */
const DIFFERENCES: Texts = {
  version: 'the number is the same, the name behind it ours',
  version_info: 'the same',
  buffer_size: 'ours is larger unless it is set',
  has_threads: 'threads of the application always run',
  opt: 'uWSGI is given its plugins here; compared by itself',
  magic_table: 'two programs, two start times; compared by itself',
  sockets: 'HTTP is for the gateway',
  started_on: 'two starts',
  'masterpid()': 'two servers',
  'mem()': 'two processes',
  'micros()': 'two moments',
  'logsize()': 'two logs',
};

describe('values', () => {
  for (const { what, flags } of [
    { what: 'with a master and threads', flags: '-M -p 1 --threads 2' },
    { what: 'without a master', flags: '-p 1' },
    { what: 'with lazy-apps', flags: '-M -p 1 --lazy-apps' },
  ]) {
    test(`are uWSGI's, ${what}`, ORACLE, async (t) => {
      const line = `--http-socket 127.0.0.1:0 ${flags} ${APP}`;
      const ours = await seenBy((await startServer(t, line)).address('http-socket'));
      const theirs = await seenBy((await startUwsgi(t, line)).address);
      for (const where of ['at import', 'in a request'] as const) {
        assert.deepEqual(comparable(ours[where]), comparable(theirs[where]), where);
        assert.deepEqual(Object.values(ours[where]).map(kindOf), Object.values(theirs[where]).map(kindOf), `the types, ${where}`);
        assert.equal(ours[where]['masterpid()'] === '0', theirs[where]['masterpid()'] === '0');
        assert.match(ours[where]['version_info'] ?? '', /^\(2, 0, \d+, 0, b'tsuwsgi-/);
      }
    });
  }

  test('of the configuration and its magic variables are those of the file', ORACLE, async (t) => {
    const dir = tempDir(t);
    const lines = ['http-socket = 127.0.0.1:0', `chdir = ${APPS}`, 'wsgi-file = uwsgi-module.py', 'workers = 1', 'master = true'];
    const more = ['pp = /one', 'pp = /two', 'set-placeholder = where=/srv', 'env = WHERE=%(where)', 'vacuum =', 'app-setting = %n'];
    const path = join(dir, 'site.ini');
    writeFileSync(path, ['[uwsgi]', ...lines, ...more, ''].join('\n'));
    const words = ['--ini', path, '--need-app', '--buffer-size', '8192'];
    const ours = (await seenBy((await startServer(t, words)).address('http-socket')))['at import'];
    const theirs = (await seenBy((await startUwsgi(t, words)).address))['at import'];
    assert.equal(ours['opt'], theirs['opt']?.replace("'plugin': b'python3,http', ", ''));
    assert.equal(ours['buffer_size'], theirs['buffer_size']);
    assert.deepEqual(ofFile(ours['magic_table']), ofFile(theirs['magic_table']));
  });

  test('of a reload are those of the new code', async (t) => {
    const server = await startServer(t, `--http 127.0.0.1:0 -M -p 1 ${APP}`);
    const before = await seenBy(server.address('http'));
    server.signal('SIGHUP');
    await server.line(/reloaded: 1 new workers serve/);
    const after = await seenBy(server.address('http'));
    assert.deepEqual(
      [before, after].map((seen) => seen['at import']['is_a_reload']),
      ['False', 'True'],
    );
  });
});

function comparable(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([name]) => !(name in DIFFERENCES)));
}

/** `b'…'` is bytes, `12` a number. */
function kindOf(text: string): string {
  return /^-?\d+$/.test(text) ? 'int' : text.charAt(0);
}

/** Without what tells of the program and its start. */
function ofFile(table = ''): readonly string[] {
  return [...table.matchAll(/b'([^']+)': (b(?:'[^']*'|"[^"]*"))/g)]
    .filter(([, letter = '']) => !'VbtT'.includes(letter))
    .map(([entry]) => entry)
    .sort();
}

describe('calls', () => {
  for (const flags of ['-M -p 2 --threads 2', '-M -p 2']) {
    test(`give what uWSGI gives (${flags})`, ORACLE, async (t) => {
      const line = `--http-socket 127.0.0.1:0 ${flags} ${APP}`;
      const [ours, theirs] = [(await startServer(t, line)).address('http-socket'), (await startUwsgi(t, line)).address];
      const [mine, yours] = await Promise.all([ours, theirs].map(async (at) => JSON.parse((await fetchOnce(at, '/calls')).text) as Calls));
      assert.deepEqual({ ...mine, workers: [] }, { ...yours, workers: [] });
      assert.deepEqual(mine?.workers, yours?.workers);
      const [sent, expected, offloaded] = await Promise.all([
        fetchOnce(ours, '/sendfile'),
        fetchOnce(theirs, '/sendfile'),
        fetchOnce(ours, '/offload'),
      ]);
      assert.deepEqual([sent.status, sent.text], [expected.status, expected.text]);
      // Of which uWSGI without offload threads sends nothing.
      assert.equal(offloaded.text, expected.text);
    });
  }

  test('workers() tells who they are', async (t) => {
    const server = await startServer(t, `--http 127.0.0.1:0 -M -p 2 ${APP}`);
    const workers = JSON.parse((await fetchOnce(server.address('http'), '/workers')).text) as [number, number, string][];
    assert.deepEqual(
      workers.map(([id, pid]) => [id, pid]),
      [1, 2].map((id) => [id, server.workerPid(id)]),
    );
    assert.deepEqual(workers.map(([, , status]) => status).sort(), ['busy', 'idle']);
  });
});

interface Calls {
  readonly workers: readonly Texts[];
}

for (const { door, flags, ask } of DOORS) {
  // At the same time: they mostly wait.
  describe(`set_user_harakiri at the ${door} door`, { concurrency: 2 }, () => {
    for (const threads of [1, 3]) {
      test(`ends a request by itself, without --harakiri (threads: ${threads})`, async (t) => {
        const server = await startServer(t, `${flags} -p 1 --threads ${threads} ${APP} -L`);
        const began = performance.now();
        const { status } = await ask(server.address(door), '/harakiri?1');
        const took = performance.now() - began;
        assert.equal(status, 504);
        assert.ok(took >= 1000 && took < 3000, `${took} ms`);
        await server.line(/^tidied up$/);
        await server.line(/ended by harakiri; its worker serves on/);
        assert.equal((await ask(server.address(door), '/workers')).status, 200);
        assert.equal(spawned(server), 1);
      });
    }

    test('kills the worker of a request that cannot be interrupted', async (t) => {
      const server = await startServer(t, `${flags} -p 1 ${APP} -L`);
      const asked = ask(server.address(door), '/sleeping').then(
        ({ status }) => status,
        () => 'closed',
      );
      await server.line(/HARAKIRI: .* cannot be interrupted: killing the worker/);
      // nginx has a 502 of its own for that.
      assert.equal(await asked, door === 'http' ? 504 : 'closed');
      await server.line(/worker 1 \(pid \d+\) serving/, 2);
      assert.equal((await ask(server.address(door), '/workers')).status, 200);
    });

    test('can be taken away again', async (t) => {
      const server = await startServer(t, `${flags} -p 1 ${APP} -L`);
      assert.equal((await ask(server.address(door), '/taken-away')).status, 200);
      assert.equal(server.lines(/HARAKIRI/).length, 0);
    });

    test('can be moved on by an application that was interrupted', async (t) => {
      const server = await startServer(t, `${flags} -p 1 ${APP} -L`);
      assert.equal((await ask(server.address(door), '/more-time')).text, 'HarakiriTimeout');
      assert.equal(spawned(server), 1);
    });
  });

  describe(`disconnect at the ${door} door`, () => {
    test('gives the client its whole answer while the application works on', async (t) => {
      const server = await startServer(t, `${flags} -p 1 --threads 2 ${APP} -L`);
      const address = server.address(door);
      assert.equal((await ask(address, '/disconnect')).text, 'all of it');
      for (let nth = 0; nth < 4; nth++) assert.equal((await ask(address, '/workers')).status, 200);
      assert.equal(server.lines(/^worked on$/).length, 0);
      await ask(address, '/go-on');
      await server.line(/^worked on$/);
    });
  });
}

test('what comes after a disconnect on the same connection goes to a slot that is free', async (t) => {
  const server = await startServer(t, `--http 127.0.0.1:0 -M -p 1 --threads 2 ${APP} -L`);
  const client = await HttpConnection.open(server.address('http'));
  t.after(() => client.close());
  client.send('/disconnect');
  assert.equal((await client.response()).text, 'all of it');
  for (let nth = 0; nth < 4; nth++) {
    client.send('/workers');
    assert.equal((await client.response()).status, 200);
  }
  assert.equal(server.lines(/^worked on$/).length, 0);
  client.send('/go-on');
  await server.line(/^worked on$/);
});

test('listen_queue() tells how many requests wait in the gateway', async (t) => {
  const server = await startServer(t, `--http 127.0.0.1:0 -M -p 1 ${APP}`);
  const address = server.address('http');
  const first = fetchOnce(address, '/queued?2');
  await Promise.all([fetchOnce(address, '/workers'), fetchOnce(address, '/workers')]);
  assert.equal((await first).text, '2');
});

test('chunked_read() gives a body as it comes, and says when nothing comes', async (t) => {
  const server = await startServer(t, `--http 127.0.0.1:0 -M -p 1 --request-buffering=false ${APP}`);
  const client = await HttpConnection.open(server.address('http'));
  t.after(() => client.close());
  // So much that the gateway does not wait for the rest.
  const size = 200_000;
  client.sendRaw('POST /pieces HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n', 'POST');
  client.stream.write(`${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`);
  await server.line(/^200000 bytes, None, unable to receive chunked part/);
  client.stream.write('6\r\nsecond\r\n0\r\n\r\n');
  assert.equal((await client.response()).text, "[b'second', b'', b'']");
});

describe('orders from the application', () => {
  test('reload() brings up the code anew, and answers first', async (t) => {
    const server = await startServer(t, `--http 127.0.0.1:0 -M -p 2 ${APP}`);
    assert.equal((await fetchOnce(server.address('http'), '/reload')).text, 'True');
    await server.line(/worker \d \(uwsgi\.reload\(\)\): reloading/);
    await server.line(/reloaded: 2 new workers serve/);
    assert.equal((await seenBy(server.address('http')))['in a request']['is_a_reload'], 'True');
  });

  test('stop() ends the server, and the request that asks for it is answered', async (t) => {
    const server = await startServer(t, `--http 127.0.0.1:0 -M -p 2 ${APP}`);
    assert.equal((await fetchOnce(server.address('http'), '/stop')).text, 'True');
    assert.deepEqual(await server.finished(), { status: 0, signal: null });
    assert.match(server.log, /worker \d \(uwsgi\.stop\(\)\): stopping after what is in flight/);
  });
});

describe('hooks of the application', () => {
  for (const { what, flags } of [
    { what: 'imported before the fork', flags: '' },
    { what: 'with lazy-apps', flags: '--lazy-apps' },
  ]) {
    test(`are called in every worker, ${what}`, async (t) => {
      const server = await startServer(t, `--http 127.0.0.1:0 -M -p 2 ${flags} ${APP}`, { env: { HOOKS: 'after' } });
      for (const worker of [1, 2]) await server.line(new RegExp(`^post_fork_hook in worker ${worker}$`));
      await fetchOnce(server.address('http'), '/');
      await server.line(/^after_req_hook in worker \d$/);
      await server.stop('SIGTERM');
      for (const worker of [1, 2]) assert.equal(server.lines(new RegExp(`^uwsgi\\.atexit in worker ${worker}$`)).length, 1);
      assert.equal(server.lines(/^post_fork_hook/).length, 2);
    });
  }
});
