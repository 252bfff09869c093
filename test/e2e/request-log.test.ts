/** What the log tells of requests, in the form that was asked for, whoever answered them. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { exchange, fetchOnce, HttpConnection } from '../helpers/http.ts';
import { runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

const FORGED = '[pid: 1|app: 0|req: 1/1] forged';

describe('what a client says', () => {
  for (const [what, options] of Object.entries({
    'the default line': [],
    'a changed line': ['--log-micros'],
    'a format': ['--log-format', '<%(uri)> %(user) "%(uagent)" %(var.HTTP_X) %(who)'],
    json: ['--log-format', 'json'],
  })) {
    for (const door of ['direct', 'gateway'] as const) {
      test(`cannot end its line or reach the terminal: ${what} (${door})`, async (t) => {
        const words = ['--socket', '127.0.0.1:0', '--wsgi-file', 'logvars.py', ...options];
        const server = await startServer(t, door === 'direct' ? words : [...words, '--direct-socket=false']);
        const said = `a\n${FORGED}\r\x1b[31m\xc2\x9b31m"`;
        const vars = { REQUEST_URI: `/${said}`, REMOTE_USER: said, HTTP_USER_AGENT: said, HTTP_X: said, HTTP_X_WHO: said };
        await uwsgiRequest(server.address('uwsgi'), '/', { vars });
        await uwsgiRequest(server.address('uwsgi'), '/the-end');
        await server.line(/the-end/);
        const lines = server.log.split('\n');
        assert.ok(!lines.some((line) => line.startsWith(FORGED)), server.log);
        assert.equal(lines.filter((line) => line.includes('forged')).length, 1, server.log);
        assert.doesNotMatch(server.log.replaceAll('\n', ''), /\p{Cc}/u);
      });
    }
  }

  test('stays between its quotes, so that a format can be an object of JSON', async (t) => {
    const server = await startServer(t, ['--socket', '127.0.0.1:0', '--wsgi-file', 'logvars.py', '--log-format', '{"agent": "%(uagent)"}']);
    const agent = 'a", "status": "200", \\ \n\x1b';
    await uwsgiRequest(server.address('uwsgi'), '/', { vars: { HTTP_USER_AGENT: agent } });
    const [line] = await server.line(/^{.*}$/m);
    assert.deepEqual(JSON.parse(line), { agent });
  });
});

test('a line that waits for others does not wait for a request that takes long', async (t) => {
  const server = await startServer(t, '--http 127.0.0.1:0 -p 1 --wsgi-file sleep.py');
  const connection = await HttpConnection.open(server.address('http'));
  for (const path of ['/one?0', '/two?0', '/three?0', '/long?4']) connection.send(path);
  await server.line(/GET \/three\?0 => generated/);
  assert.doesNotMatch(server.log, /done \/long/);
  connection.close();
});

describe('answers of the gateway', () => {
  for (const [what, options, pattern] of [
    [
      'a format',
      ['--log-format', 'L %(method) %(uri) %(status) %(rsize) %(var.HTTP_X) %(host) %(wid)'],
      /^L GET \/s\/a\.txt 200 5 x test\.example 0$/m,
    ],
    [
      'json',
      ['--log-format', 'json'],
      /^{"time":.*"worker":0,.*"uri":"\/s\/a\.txt".*"status":200,.*"response_bytes":5,.*"via":"sendfile".*}$/m,
    ],
    ['microseconds', ['--log-micros'], /^\[pid: \d+\|app: -1\|.* GET \/s\/a\.txt => generated 5 bytes in \d+ micros via sendfile\(\) /m],
    ['log-sendfile', ['-L', '--log-sendfile', 'true'], /^\[pid: \d+\|app: -1\|.* GET \/s\/a\.txt => /m],
  ] as const) {
    test(`have lines of the same form: ${what}`, async (t) => {
      const folder = join(tempDir(t), 'files');
      mkdirSync(folder);
      writeFileSync(join(folder, 'a.txt'), 'hello');
      const server = await startServer(t, [
        '--http-socket',
        '127.0.0.1:0',
        '--wsgi-file',
        'hello.py',
        '--static-map',
        `/s=${folder}`,
        ...options,
      ]);
      await exchange(server.address('http-socket'), 'GET /s/a.txt HTTP/1.1\r\nHost: test.example\r\nX: x\r\nConnection: close\r\n\r\n');
      await server.line(pattern);
    });
  }
});

test('json has all keys for what a worker answered', async (t) => {
  const server = await startServer(t, ['--http-socket', '127.0.0.1:0', '--wsgi-file', 'logvars.py', '--log-format', 'json']);
  await fetchOnce(server.address('http-socket'), '/a?b=c', { headers: { 'X-Who': 'jo' } });
  const [line] = await server.line(/^{.*}$/m);
  const { time, pid, micros, host, ...rest } = JSON.parse(line) as Record<string, unknown>;
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  assert.equal(pid, server.workerPid(1));
  assert.equal(typeof micros, 'number');
  assert.equal(typeof host, 'string');
  assert.deepEqual(rest, {
    ...{ worker: 1, core: 0, app: 0, address: '127.0.0.1', user: null, method: 'GET', uri: '/a?b=c', protocol: 'HTTP/1.1' },
    ...{ referer: null, user_agent: null, status: 200, request_bytes: 0, response_bytes: 4, head_bytes: 55, headers: 2, via: null },
    variables: { who: 'jo' },
  });
});

test('a modifier of the packet is told', async (t) => {
  const server = await startServer(t, ['--socket', '127.0.0.1:0', '--wsgi-file', 'hello.py', '--log-format', 'M%(modifier1)/%(modifier2)']);
  await uwsgiRequest(server.address('uwsgi'), '/');
  await server.line(/^M0\/0$/m);
});

test('a name that looks like a slip of the pen is warned of', async (t) => {
  const file = join(tempDir(t), 'app.ini');
  writeFileSync(file, '[uwsgi]\nhttp-socket = 127.0.0.1:0\nwsgi-file = hello.py\nlog-format = %(stauts) %(uri)\n');
  const { output } = await runServer(t, ['config', 'validate', file]);
  assert.match(output, /app\.ini:4: .*did you mean %\(status\)\?/);
});
