/** Whose the lines are that an application writes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DOORS } from '../helpers/doors.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const APP = `import logging, os, sys, threading
import uwsgi

logging.basicConfig(level=logging.INFO)
print("imported")
both = threading.Barrier(2)

def application(environ, start_response):
    if environ["PATH_INFO"] == "/raise":
        print("before", end="")
        raise ValueError("no such item")
    if environ["PATH_INFO"] == "/both":
        print("be", end="")
        both.wait()
        print("gun")
    print("printed")
    logging.getLogger("shop").info("two\\nlines")
    environ["wsgi.errors"].write("to wsgi.errors\\n")
    uwsgi.log("by uwsgi.log")
    thread = threading.Thread(target=print, args=("in a thread",))
    thread.start()
    thread.join()
    os.write(2, b"to the descriptor\\n")
    print("no end", end="")
    start_response("200 OK", [])
    return [b"done"]
`;

describe('log-attribution', () => {
  for (const { door, flags, ask } of DOORS) {
    test(`puts worker and request in front of each line at the ${door} door`, async (t) => {
      const cwd = tempDir(t, { 'app.py': APP });
      const server = await startServer(t, `${flags} -p 1 --wsgi-file app.py --log-attribution -L`, { cwd });
      const before = server.lines(/./).length;
      assert.equal((await ask(server.address(door), '/x?y')).status, 200);
      assert.equal((await ask(server.address(door), '/raise')).status, 500);
      await server.line(/#2\] ValueError/);
      const [one, two] = ['[worker 1 core 0 GET /x?y #1] ', '[worker 1 core 0 GET /raise #2] '];
      const written = ['printed', 'INFO:shop:two', 'lines', 'to wsgi.errors', 'by uwsgi.log'].map((text) => `${one}${text}`);
      assert.deepEqual(
        server
          .lines(/./)
          .slice(before)
          .map(({ input }) => input)
          .filter((line) => !/ {2}File| {4}raise/.test(line)),
        [
          ...written,
          '[worker 1] in a thread',
          'to the descriptor',
          `${one}no end`,
          `${two}before`,
          `${two}Traceback (most recent call last):`,
          `${two}ValueError: no such item`,
        ],
      );
      assert.equal(server.lines(/^imported$/).length, 1);
    });
  }

  test('keeps apart what threads write at the same time', async (t) => {
    const cwd = tempDir(t, { 'app.py': APP });
    const server = await startServer(t, '--http 127.0.0.1:0 -M -p 1 --threads 2 --wsgi-file app.py --log-attribution -L', { cwd });
    const paths = ['/both?1', '/both?2'];
    await Promise.all(paths.map((path) => fetchOnce(server.address('http'), path)));
    for (const path of paths) await server.line(new RegExp(`^\\[worker 1 core \\d GET ${path.replace('?', '\\?')} #\\d\\] begun$`));
  });

  test('with log-format = json makes an object of what is written at once', async (t) => {
    const cwd = tempDir(t, { 'app.py': APP });
    const server = await startServer(t, '--http 127.0.0.1:0 -M -p 1 --wsgi-file app.py --log-attribution --log-format json', { cwd });
    assert.equal((await fetchOnce(server.address('http'), '/x?y')).status, 200);
    assert.equal((await fetchOnce(server.address('http'), '/raise')).status, 500);
    await server.line(/"uri":"\/raise".*"status":500/);
    const objects = server.lines(/^\{.*"stream".*\}$/).map(({ input }) => JSON.parse(input) as Record<string, unknown>);
    const told = objects.map(({ worker, core, stream, request, method, uri, message }) => [
      [worker, core, request, method, uri],
      stream,
      message,
    ]);
    const one = [1, 0, 1, 'GET', '/x?y'];
    const two = [1, 0, 2, 'GET', '/raise'];
    assert.deepEqual(told.slice(0, -1), [
      [[null, null, null, null, null], 'stdout', 'imported'],
      [one, 'stdout', 'printed'],
      [one, 'stderr', 'INFO:shop:two\nlines'],
      [one, 'stderr', 'to wsgi.errors'],
      [one, 'log', 'by uwsgi.log'],
      [[1, null, null, null, null], 'stdout', 'in a thread'],
      [one, 'stdout', 'no end'],
      [two, 'stdout', 'before'],
    ]);
    const [which, stream, traceback] = told.at(-1) ?? [];
    assert.deepEqual([which, stream], [two, 'traceback']);
    assert.match(String(traceback), /^Traceback [^]*\nValueError: no such item$/);
  });

  test('is off unless it is asked for, with log-format = json as well', async (t) => {
    const cwd = tempDir(t, { 'app.py': APP });
    const server = await startServer(t, '--http 127.0.0.1:0 -M -p 1 --wsgi-file app.py --log-format json', { cwd });
    assert.equal((await fetchOnce(server.address('http'), '/x')).status, 200);
    for (const line of [/^printed$/, /^INFO:shop:two$/, /^to wsgi\.errors$/, /^by uwsgi\.log$/]) await server.line(line);
  });
});
