/** What an exception of the application brings, beside real uWSGI: a page for the developer, another worker. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DOORS, spawned } from '../helpers/doors.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { requires } from '../helpers/requirements.ts';
import type { Scope } from '../helpers/scope.ts';
import { startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const ORACLE = { skip: requires('uwsgi', 'uwsgi-plugin-python3') };
const APP = `
import os

def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/late":
        start_response("200 OK", [("X-Lost", "1")])
    if path in ("/raise", "/late"):
        raise ValueError("no such item")
    if path == "/other":
        raise KeyError("another")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
`;
const appIn = (scope: Scope): string => tempDir(scope, { 'app.py': APP });

describe('catch-exceptions', () => {
  test("tells of the exception in uWSGI's words", ORACLE, async (t) => {
    const cwd = appIn(t);
    const words = '--http-socket 127.0.0.1:0 -M -p 1 --wsgi-file app.py --catch-exceptions';
    const ours = (await startServer(t, words, { cwd })).address('http-socket');
    const theirs = (await startUwsgi(t, words, cwd)).address;
    for (const path of ['/raise', '/late']) {
      const [mine, yours] = await Promise.all([ours, theirs].map((address) => fetchOnce(address, path)));
      assert.equal(mine?.status, yours?.status);
      assert.deepEqual(tellingLines(mine?.text), tellingLines(yours?.text));
      assert.match(mine?.text ?? '', /filename: "app\.py" line: \d+ function: "application"/);
    }
  });

  test('is off unless it is asked for', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 -M --wsgi-file app.py', { cwd: appIn(t) });
    assert.equal((await fetchOnce(server.address('http'), '/raise')).text, 'Internal Server Error');
  });
});

/** What both have to tell, in whichever order. */
function tellingLines(page = ''): readonly string[] {
  return page
    .split('\n')
    .filter((line) => /^(Exception|REQUEST_|PATH_INFO|QUERY_STRING|SERVER_PROTOCOL|REMOTE_ADDR)/.test(line))
    .sort();
}

for (const { door, flags, ask } of DOORS) {
  describe(`reload-on-exception at the ${door} door`, () => {
    for (const { option, others } of [
      { option: '--reload-on-exception', others: false },
      { option: '--reload-on-exception-type=ValueError', others: true },
      { option: '--reload-on-exception-value=no such item', others: true },
      { option: '--reload-on-exception-repr=ValueError: no such item', others: true },
    ]) {
      test(`${option} replaces the worker, and the client has its answer`, async (t) => {
        const words = [...flags.split(' '), '-p', '1', '--wsgi-file', 'app.py', '-L', option];
        const server = await startServer(t, words, { cwd: appIn(t) });
        const address = server.address(door);
        if (others) assert.equal((await ask(address, '/other')).status, 500);
        const { text: before } = await ask(address, '/');
        assert.equal((await ask(address, '/raise')).status, 500);
        await server.line(/ValueError was raised \(reload-on-exception\); this worker leaves after the answer/);
        await server.line(/worker 1 \(pid \d+\) serving/, 2);
        assert.notEqual((await ask(address, '/')).text, before);
        assert.equal(spawned(server), 2);
      });
    }
  });
}

test('uWSGI compares the message with what is to be a type', ORACLE, async (t) => {
  const words = ['--http-socket', '127.0.0.1:0', '-M', '--wsgi-file', 'app.py', '--reload-on-exception-type=no such item'];
  const { address, child } = await startUwsgi(t, words, appIn(t));
  await eventually('the worker is replaced', async () => {
    await fetchOnce(address, '/raise').catch(() => undefined);
    return child.log.includes('monitored exception detected');
  });
});

test('thread-stacksize is the size of the stacks of all threads but the first, and of no thread of the application', async (t) => {
  const app = `
import threading

def application(environ, start_response):
    sizes = []
    for line in open("/proc/self/maps"):
        start, end = (int(each, 16) for each in line.split()[0].split("-"))
        if end - start in (5 << 20, (5 << 20) - 4096):
            sizes.append(end - start)
    start_response("200 OK", [])
    return [repr((len(sizes), threading.stack_size())).encode()]
`;
  const cwd = tempDir(t, { 'app.py': app });
  const server = await startServer(t, '--http 127.0.0.1:0 -M -p 1 --threads 4 --thread-stacksize 5120 --wsgi-file app.py', { cwd });
  assert.equal((await fetchOnce(server.address('http'), '/')).text, '(3, 0)');
});
