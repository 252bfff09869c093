/** uWSGI's signals, timers, crons, file monitors and locks, as applications use them: by the module and by its decorators. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';
import { tempDir } from '../helpers/temp.ts';

const HEAD = `
import os, uwsgi

def say(what):
    uwsgi.log("%s in worker %d" % (what, uwsgi.worker_id()))

def application(environ, start_response):
    start_response("200 OK", [])
    if environ["PATH_INFO"] != "/":
        uwsgi.signal(int(environ["PATH_INFO"][1:]))
    return [b"asked"]
`;

const SERVE = '--http 127.0.0.1:0 --stats 127.0.0.1:0 --wsgi-file app.py -M -p 2';

async function signalsHandled(stats: Address): Promise<number> {
  const { workers } = await statsOf(stats);
  return workers.reduce((sum, { signals }) => sum + signals, 0);
}

describe('a handler', () => {
  for (const more of ['', ' --lazy-apps']) {
    test(`runs in one worker, in all, or in the one that was named${more}`, async (t) => {
      const app = `${HEAD}
uwsgi.register_signal(1, "", lambda number: say("any %d" % number))
uwsgi.register_signal(2, "workers", lambda number: say("all %d" % number))
uwsgi.register_signal(3, "worker2", lambda number: say("named %d" % number))
uwsgi.register_signal(4, "", lambda number: 1 / 0)
`;
      const server = await startServer(t, SERVE + more, { cwd: tempDir(t, { 'app.py': app }) });
      for (const signal of [1, 2, 3, 4, 5]) assert.equal((await fetchOnce(server.address('http'), `/${signal}`)).text, 'asked');
      await server.line(/^any 1 in worker [12]$/);
      await server.line(/^all 2 in worker 1$/);
      await server.line(/^all 2 in worker 2$/);
      await server.line(/^named 3 in worker 2$/);
      await server.line(/error managing signal 4 on worker [12]$/);
      await server.line(/signal 5: nobody has registered it$/);
      assert.ok(!server.log.includes('named 3 in worker 1'));
      // One of the first, two of the second, one of the third, and one that failed.
      await eventually('all five are counted', async () => (await signalsHandled(server.address('stats'))) === 5);
    });
  }

  test('is that of the new code after a reload, which the old timers end with', async (t) => {
    const timed = (what: string): string => `${HEAD}
uwsgi.register_signal(1, "", lambda number: say(${JSON.stringify(what)}))
uwsgi.add_timer(1, 1)
`;
    const cwd = tempDir(t, { 'app.py': timed('old') });
    const server = await startServer(t, SERVE, { cwd });
    await server.line(/^old in worker/);
    writeFileSync(join(cwd, 'app.py'), timed('new'));
    server.signal('SIGHUP');
    await server.line(/reloaded: /);
    const olds = (): number => server.log.split('old in worker').length;
    const before = olds();
    await server.line(/^new in worker/, 2);
    assert.equal(olds(), before);
  });

  test('that runs when its worker is to leave comes to its end', async (t) => {
    const app = `${HEAD}
def work(number):
    say("begun")
    open("begun", "w").close()
    while not os.path.exists("go-on"):
        pass
    say("done")
uwsgi.register_signal(1, "", work)
`;
    const cwd = tempDir(t, { 'app.py': app });
    const server = await startServer(t, '--http 127.0.0.1:0 --stats 127.0.0.1:0 --wsgi-file app.py -M -p 1', { cwd });
    await fetchOnce(server.address('http'), '/1');
    await server.line(/^begun in worker 1/);
    assert.equal((await statsOf(server.address('stats'))).workers[0]?.status, 'sig1');
    server.signal('SIGTERM');
    await server.line(/stopping after what is in flight/);
    writeFileSync(join(cwd, 'go-on'), '');
    await server.line(/^done in worker 1/);
    assert.equal((await server.ended).status, 0);
  });
});

test('a file that is changed raises its signal', async (t) => {
  const app = `${HEAD}
uwsgi.register_signal(1, "", lambda number: say("changed"))
uwsgi.add_file_monitor(1, "watched")
`;
  const cwd = tempDir(t, { 'app.py': app, watched: '' });
  const server = await startServer(t, SERVE, { cwd });
  writeFileSync(join(cwd, 'watched'), 'more');
  await server.line(/^changed in worker/);
});

test('a lock is held by one worker at a time, and given back by one that is killed', async (t) => {
  const app = `
import os, uwsgi
def application(environ, start_response):
    start_response("200 OK", [])
    if environ["PATH_INFO"] == "/die":
        uwsgi.lock()
        os._exit(1)
    with open("count", "r+") as file:
        uwsgi.lock()
        count = int(file.read() or "0")
        file.seek(0)
        file.write(str(count + 1))
        file.flush()
        uwsgi.unlock()
    return [repr(uwsgi.is_locked()).encode()]
`;
  const cwd = tempDir(t, { 'app.py': app, count: '' });
  const server = await startServer(t, '--http 127.0.0.1:0 --wsgi-file app.py -M -p 4', { cwd });
  const address = server.address('http');
  await Promise.all(Array.from({ length: 40 }, () => fetchOnce(address, '/')));
  assert.equal((await fetchOnce(address, '/die')).status, 502);
  await eventually('the lock is free', async () => (await fetchOnce(address, '/')).text === 'False');
});

test('the decorators of uwsgidecorators work unchanged', { skip: requires('python3-uwsgidecorators') }, async (t) => {
  const app = `
import uwsgi
from uwsgidecorators import cron, filemon, lock, postfork, rbtimer, signal, thread, timer

def say(what):
    uwsgi.log("%s in worker %d" % (what, uwsgi.worker_id()))

@postfork
def forked():
    say("postfork")

@timer(1)
def tick(number):
    say("timer")

@rbtimer(1)
def tock(number):
    say("rbtimer")

@cron(-1, -1, -1, -1, -1)
def each_minute(number):
    say("cron")

@filemon("watched")
def changed(number):
    say("filemon")

@signal(77, target="workers")
def asked(number):
    critical()

@lock
def critical():
    say("signal")

@thread
def aside():
    say("thread")

def application(environ, start_response):
    start_response("200 OK", [])
    uwsgi.signal(77)
    aside()
    return [b""]
`;
  const cwd = tempDir(t, { 'app.py': app, watched: '' });
  const server = await startServer(t, SERVE, { cwd });
  assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
  writeFileSync(join(cwd, 'watched'), 'more');
  for (const what of ['postfork', 'timer', 'rbtimer', 'cron', 'filemon', 'signal', 'thread']) {
    await server.line(new RegExp(`^${what} in worker [12]$`));
  }
});

test('the other decorators work, or say what serves instead', { skip: requires('python3-uwsgidecorators') }, async (t) => {
  const app = `
import json, os
import uwsgi
from uwsgidecorators import erlang, farm, harakiri, mule, mulefunc, muleloop, mulemsg, postfork, rpc, spool, spoolforever, spoolraw

OUTCOMES = {}

def outcome(name, act):
    try:
        OUTCOMES[name] = repr(act())
    except BaseException as error:
        OUTCOMES[name] = "%s: %s" % (type(error).__name__, error)

def never(*arguments):
    uwsgi.log("called")

for decorate in (mule(1), muleloop(2), mulemsg(1), farm("a")):
    decorate(never)

@postfork(1)
def forked():
    uwsgi.log("postfork of worker 1")

@rpc("sum")
def add(*numbers):
    return str(sum(map(int, numbers))).encode()

@mulefunc
def aside():
    pass

@harakiri(20)
def slow():
    return "in time"

for name, decorate in (("spool", spool), ("spoolraw", spoolraw), ("spoolforever", spoolforever)):
    def task(arguments):
        pass
    outcome(name, lambda: decorate(task)({"a": "b"}))
outcome("mulefunc", aside)
outcome("erlang", lambda: erlang("x")(never))

def application(environ, start_response):
    start_response("200 OK", [])
    outcome("rpc", lambda: uwsgi.rpc(None, b"sum", b"1", b"2"))
    outcome("harakiri", slow)
    return [json.dumps(OUTCOMES).encode()]
`;
  const cwd = tempDir(t, { 'app.py': app });
  for (const { flags, spooled } of [
    { flags: '', spooled: /^Exception: you have to enable the uWSGI spooler to use @/ },
    { flags: ' --spooler tasks', spooled: /^NotImplementedError: uwsgi\.spool\(\): there is no spooler; use a task queue/ },
  ]) {
    const server = await startServer(t, `${SERVE}${flags}`, { cwd });
    await server.line(/^postfork of worker 1$/);
    const outcomes = JSON.parse((await fetchOnce(server.address('http'), '/')).text) as Record<string, string>;
    for (const name of ['spool', 'spoolraw', 'spoolforever']) assert.match(outcomes[name] ?? '', spooled);
    assert.match(outcomes['mulefunc'] ?? '', /^ValueError: uwsgi\.mule_msg\(\): there are no mules and no farms; use a task queue/);
    assert.match(
      outcomes['erlang'] ?? '',
      /^AttributeError: uwsgi\.erlang_register_process is there with the option erlang of uWSGI; here/,
    );
    assert.deepEqual([outcomes['rpc'], outcomes['harakiri']], ["b'3'", "'in time'"]);
    assert.equal(server.lines(/^called$/).length, 0);
  }
});
