/** What the server remembers of what went wrong, and who is told. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Recent } from '../../src/core/stats/recent.ts';
import { type Address, formatAddress } from '../helpers/address.ts';
import { DOORS } from '../helpers/doors.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce, type HttpRequest } from '../helpers/http.ts';
import { runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const STATS = '--stats 127.0.0.1:0 --stats-http';
const BY_ADDRESS = { headers: { Host: '127.0.0.1' } };
const TOKEN = 'f6d1a0c29b7e4385';

async function recentOf(stats: Address, request: HttpRequest = BY_ADDRESS): Promise<Recent> {
  const { status, text } = await fetchOnce(stats, '/recent', request);
  assert.equal(status, 200, text);
  return JSON.parse(text) as Recent;
}

for (const { door, flags, ask } of DOORS) {
  test(`an error at the ${door} door is remembered with its traceback, and so is what the server did, across a reload`, async (t) => {
    const cwd = tempDir(t, {
      'app.py': 'def application(environ, start_response):\n    return 1 // len(environ["QUERY_STRING"].strip("x&"))\n',
    });
    const server = await startServer(t, `${flags} ${STATS} -p 1 --wsgi-file app.py -L`, { cwd });
    const stats = server.address('stats');
    assert.equal((await ask(server.address(door), '/<b>?x')).status, 500);
    const [error, ...others] = await eventually('it is told', async () => {
      const { errors } = await recentOf(stats);
      return errors.length > 0 && errors;
    });
    assert.deepEqual(others, []);
    const { at, traceback, ...rest } = error ?? { at: 0, traceback: '' };
    assert.ok(Math.abs(at - Date.now() / 1000) < 30);
    assert.deepEqual(rest, {
      worker: 1,
      core: 0,
      application: '',
      method: 'GET',
      uri: '/<b>?x',
      error: 'ZeroDivisionError: integer division or modulo by zero',
    });
    assert.match(traceback, /^Traceback \(most recent call last\):\n {2}File "app\.py", line 2, in application\n/);
    assert.doesNotMatch(traceback, /tsuwsgi/);
    assert.ok(server.log.includes(traceback));

    server.signal('SIGHUP');
    await server.line(/reloaded: /);
    const { errors, events } = await recentOf(stats);
    assert.deepEqual(errors, [error]);
    assert.match(events[0]?.text ?? '', /^reloaded: 1 new workers? serve/);
    assert.ok(events.some(({ text }) => text.startsWith('SIGHUP: reloading')));
  });
}

test('the operator is told without stats-http, as text and as JSON', async (t) => {
  const server = await startServer(t, '--http 127.0.0.1:0 -M -p 1 --wsgi-file exceptions.py');
  await fetchOnce(server.address('http'), '/before');
  const tell = (flags: string) => runServer(t, `stats --recent ${flags} ${server.pid}`);
  const recent = await eventually('it is told', async () => {
    const told = JSON.parse((await tell('--json')).stdout) as Recent;
    return told.errors.length > 0 && told;
  });
  const { stdout, stderr, status } = await tell('');
  assert.deepEqual([status, stderr], [0, '']);
  const [error] = recent.errors;
  assert.match(stdout, /^errors\n \d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}core 1:0 {2}GET \/before {2}\w+.*\n {5}Traceback/);
  assert.ok(error && stdout.includes(`  ${error.error}\n`) && stdout.includes('\nslow requests\n none\n\nevents\n'), stdout);
});

test('slow requests are remembered with their stacks, as far as their worker can tell them', async (t) => {
  const server = await startServer(t, `--http 127.0.0.1:0 -M ${STATS} -p 2 -t 2 --slow-request 1 --wsgi-file deadlines.py -L`);
  const [http, stats] = [server.address('http'), server.address('stats')];
  const stuck = fetchOnce(http, '/matching');
  await server.line(/^began \/matching/);
  const long = `/for/1.8?${'q'.repeat(300)}`;
  assert.equal((await fetchOnce(http, long)).status, 200);
  assert.equal((await stuck).status, 504);
  const { slow, events } = await recentOf(stats);
  const worked = slow.find(({ uri }) => uri === long);
  assert.match(worked?.stack ?? '', /^ {2}File "deadlines\.py", line \d+, in application\n[^]*in works_for\n/);
  assert.ok((worked?.ranMs ?? 0) >= 1000);
  // At one second and at harakiri, and nobody there who could say where it was.
  assert.deepEqual(
    slow.filter(({ uri }) => uri === '/matching').map(({ stack, method }) => [stack, method]),
    [
      ['', 'GET'],
      ['', 'GET'],
    ],
  );
  assert.ok(!events.some(({ text }) => text.includes('SLOW')));
});

describe('who may read', () => {
  test('without a token: whoever asks for the statistics, users of this machine for the rest', async (t) => {
    const server = await startServer(t, `--http 127.0.0.1:0 -M ${STATS} --wsgi-file hello.py -L`);
    const stats = server.address('stats');
    const page = await fetchOnce(stats, '/recent', BY_ADDRESS);
    assert.deepEqual([page.status, page.header('cache-control'), page.header('access-control-allow-origin')], [200, 'no-store', undefined]);
    assert.equal((await fetchOnce(stats, '/recent', { headers: { Host: 'rebound.example' } })).status, 403);
    assert.equal((await fetchOnce(stats, '/', { headers: { Host: 'stats.example' } })).status, 200);
  });

  test('without a token, at an address for everybody: nobody reads more than figures, and the start warns', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 -M --stats 0.0.0.0:0 --stats-http --wsgi-file hello.py -L');
    await server.line(/^stats on 0\.0\.0\.0:\d+ \(warning: whoever reaches it may read them; set stats-http and stats-token/);
    const { port } = server.address('stats') as { port: number };
    const stats = { host: '127.0.0.1', port };
    const refused = await fetchOnce(stats, '/recent', BY_ADDRESS);
    assert.equal(refused.status, 403);
    assert.match(refused.text, /set stats-token/);
    assert.equal((await fetchOnce(stats, '/')).status, 200);
  });

  test('with a token: who has it; a reload brings another one', async (t) => {
    const cwd = tempDir(t, {
      token: `${TOKEN}\n`,
      'app.py': 'def application(environ, start_response):\n    start_response("200 OK", [])\n    return []\n',
      'app.ini':
        '[uwsgi]\nhttp = 127.0.0.1:0\nwsgi-file = app.py\nmaster = true\nstats = 127.0.0.1:0\nstats-http = true\nstats-token = @(token)\n',
    });
    const server = await startServer(t, 'app.ini', { cwd });
    const stats = server.address('stats');
    const statuses = (authorization: string) =>
      Promise.all(
        ['/healthz', '/readyz', '/', '/recent'].map(async (path) => {
          const { status } = await fetchOnce(stats, path, { headers: { ...BY_ADDRESS.headers, Authorization: authorization } });
          return status;
        }),
      );
    assert.deepEqual(await statuses('Basic eDp5'), [200, 200, 401, 401]);
    assert.deepEqual(await statuses(`Bearer ${TOKEN}`), [200, 200, 200, 200]);
    assert.equal((await fetchOnce(stats, '/')).header('www-authenticate')?.split(' ')[0], 'Basic');

    writeFileSync(join(cwd, 'token'), `another-${TOKEN}`);
    server.signal('SIGHUP');
    await server.line(/reloaded: /);
    assert.deepEqual(await statuses(`Bearer ${TOKEN}`), [200, 200, 401, 401]);
    assert.deepEqual(await statuses(`Bearer another-${TOKEN}`), [200, 200, 200, 200]);

    const tell = (token: string) => runServer(t, ['stats', '--recent', formatAddress(stats)], { env: { TSUWSGI_STATS_TOKEN: token } });
    const [told, refused] = await Promise.all([tell(`another-${TOKEN}`), tell('')]);
    assert.deepEqual([told.status, told.stderr], [0, '']);
    assert.match(told.stdout, /^errors\n none\n\nslow requests\n none\n\nevents\n [^]*reloaded: /);
    assert.deepEqual([refused.status, refused.stdout], [1, '']);
    assert.match(refused.stderr, /wants the token of the option "stats-token"\n {2}Try this: .*TSUWSGI_STATS_TOKEN=/);
    assert.ok(!server.log.includes(TOKEN));
  });
});
