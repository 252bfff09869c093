/** What an application opens at its import is told before it is forked; nothing is said of one that opens nothing. */
import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { onEnd } from '../helpers/scope.ts';
import { startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const SERVE = '--http-socket 127.0.0.1:0 --wsgi-file app.py --master -p 2 --enable-threads';

/** An application with a connection to this port and a thread. */
const app = (port: number) => `
import socket, threading
connection = socket.create_connection(("127.0.0.1", ${port}))
threading.Thread(target=threading.Event().wait, name="flush-metrics", daemon=True).start()

def application(environ, start_response):
    start_response("200 OK", [])
    return [b""]
`;

async function database(t: TestContext): Promise<number> {
  const server = createServer((connection) => connection.on('error', () => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onEnd(t, () => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('the warning about what a fork breaks', () => {
  test('names threads and peers once, with the remedy', async (t) => {
    const port = await database(t);
    const server = await startServer(t, SERVE, { cwd: tempDir(t, { 'app.py': app(port) }) });
    const [warning, ...more] = server.lines(/fork safety: .*/);
    assert.deepEqual(more, []);
    assert.match(warning?.[0] ?? '', new RegExp(`1 thread \\(flush-metrics\\).*1 connection \\(127.0.0.1:${port}\\).*lazy-apps = true`));
  });

  test('is not there with lazy-apps, where nothing is shared', async (t) => {
    const port = await database(t);
    const server = await startServer(t, `${SERVE} --lazy-apps`, { cwd: tempDir(t, { 'app.py': app(port) }) });
    assert.deepEqual(server.lines(/fork safety/), []);
  });

  for (const name of ['hello.py', 'flask-site.py']) {
    test(`is not there for an application without such things: ${name}`, async (t) => {
      const server = await startServer(t, `--http-socket 127.0.0.1:0 --wsgi-file ${name} --master -p 2`);
      assert.deepEqual(server.lines(/fork safety/), []);
    });
  }
});
