/** Lines about the same requests, in the same formats, by real uWSGI and by tsuwsgi: field by field. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { LOG_VARIABLES } from '../../src/core/log/format.ts';
import type { Address } from '../helpers/address.ts';
import { exchange } from '../helpers/http.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiExchange, uwsgiMessage } from '../helpers/uwsgi-client.ts';

const DOORS = ['http-socket', 'socket'] as const;
type Door = (typeof DOORS)[number];

/** The last one is always logged, since the application asks for that. */
const PATHS = ['/plain?a=b&c=%20', '/empty', '/big', '/missing', '/broken', '/last'];

const HEADERS = {
  'X-Who': 'jo doe',
  'X-Request-Id': 'r-17',
  'X-Forwarded-For': '192.0.2.1, 192.0.2.2',
  Referer: 'http://from.example/',
  'User-Agent': 'caf\xc3\xa9/1.0',
};

/** What no two servers share, by its shape. */
const VOLATILE: Readonly<Record<string, RegExp>> = {
  pid: /^\d+$/,
  micros: /^\d+$/,
  msecs: /^\d+$/,
  secs: /^\d+\.\d{6}$/,
  tmsecs: /^\d{13}$/,
  tmicros: /^\d{16}$/,
  time: /^\d{10}$/,
  epoch: /^\d{10}$/,
  ltime: /^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$/,
  ftime: /^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$/,
  ctime: /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
  vsz: /^\d+$/,
  rss: /^\d+$/,
  vszM: /^\d+$/,
  rssM: /^\d+$/,
};

const NAMES = [...LOG_VARIABLES, 'var.HTTP_X_REQUEST_ID', 'var.NOWHERE', 'metric.none', 'who', 'nobody'];
const MARK = 'LOG|';
const EVERYTHING = MARK + NAMES.map((name) => `${name}=%(${name})`).join('|');

describe('log-format', { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, () => {
  for (const door of DOORS) {
    test(`every variable is uWSGI's (--${door})`, async (t) => {
      const [ours, theirs] = await logOfBoth(t, door, ['--log-format', EVERYTHING]);
      const [mine, yours] = [ours, theirs].map((log) => fieldsOf(log));
      assert.equal(mine?.length, PATHS.length);
      assert.deepEqual(mine.map(masked), yours?.map(masked));
    });
  }

  for (const [what, format] of Object.entries({
    'a format of web servers': '%(addr) - %(user) "%(method) %(uri) %(proto)" %(status) %(size) "%(referer)" "%(uagent)"',
    'what is no variable': '100%% %x %(uri)x%(method) (plain) 5%% %(who)/%(nobody) %()',
  })) {
    test(`${what} looks as in uWSGI, also from a file`, async (t) => {
      const file = join(tempDir(t), 'app.ini');
      writeFileSync(file, `[uwsgi]\nlog-format = ${MARK}${format}\n`);
      const [ours, theirs] = await logOfBoth(t, 'http-socket', ['--ini', file]);
      assert.deepEqual(markedOf(ours), markedOf(theirs));
      assert.equal(markedOf(ours).length, PATHS.length);
    });
  }

  test('ftime has the form of log-date', async (t) => {
    const [ours, theirs] = await logOfBoth(t, 'http-socket', [
      '--logformat-strftime',
      '--log-date=on %Y-%j',
      '--log-format',
      `${MARK}%(ftime)|%(uri)`,
    ]);
    assert.deepEqual(markedOf(ours), markedOf(theirs));
    assert.match(markedOf(ours)[0] ?? '', /^LOG\|on \d{4}-\d{3}\|\/plain/);
  });
});

describe("uWSGI's own line", { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, () => {
  const cases = [
    [],
    ['--log-micros'],
    ['--memory-report'],
    ['--log-x-forwarded-for'],
    ['--vhost'],
    ['--log-4xx'],
    ...['--log-4xx', '--log-5xx', '--log-zero', '--log-slow=60000'].map((option) => ['-L', option]),
    ['-L', '--log-big', '5000'],
    ['-L', '--log-big', '5001'],
  ];
  for (const options of cases) {
    test(`is the same: ${options.join(' ') || 'no option'}`, async (t) => {
      const [ours, theirs] = await logOfBoth(t, 'http-socket', options);
      assert.deepEqual(linesOf(ours), linesOf(theirs));
      assert.match(linesOf(ours).at(-1) ?? '', /\/last/);
    });
  }
});

/** The log of either after all requests. */
async function logOfBoth(t: TestContext, door: Door, options: readonly string[]): Promise<readonly [ours: string, theirs: string]> {
  const words = [`--${door}`, '127.0.0.1:0', '-M', '--wsgi-file', 'logvars.py', ...options];
  const [ours, theirs] = await Promise.all([startServer(t, words), startUwsgi(t, words)]);
  for (const path of PATHS) {
    await send(door, ours.address(door === 'socket' ? 'uwsgi' : door), path);
    await send(door, theirs.address, path);
  }
  await Promise.all([ours, theirs.child].map((server) => server.line(/^.*\/last.*$/m)));
  return [ours.log, theirs.log];
}

async function send(door: Door, address: Address, path: string): Promise<void> {
  if (door === 'http-socket') {
    const fields = Object.entries({ Host: 'test.example', Connection: 'close', ...HEADERS }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    await exchange(address, Buffer.from(`GET ${path} HTTP/1.1\r\n${fields.join('')}\r\n`, 'latin1'));
    return;
  }
  const vars = Object.fromEntries(
    Object.entries(HEADERS).map(([name, value]) => [`HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value]),
  );
  await uwsgiExchange(address, uwsgiMessage(path, { vars: { ...vars, REMOTE_USER: 'jo' } }));
}

function markedOf(log: string): string[] {
  return log.split('\n').filter((line) => line.startsWith(MARK));
}

function fieldsOf(log: string): Record<string, string>[] {
  return markedOf(log).map((line) =>
    Object.fromEntries(
      line
        .slice(MARK.length)
        .split('|')
        .map((field) => splitAt(field, field.indexOf('='))),
    ),
  );
}

function splitAt(text: string, at: number): [string, string] {
  return [text.slice(0, at), text.slice(at + 1)];
}

function masked(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, VOLATILE[name]?.test(value) ? name : value]));
}

function linesOf(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => line.includes('[pid: '))
    .map((line) =>
      line
        .replace(/\[pid: \d+\|/, '[pid: N|')
        .replace(/\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\]/, '[date]')
        // With vhost uWSGI adds a variable of its own, UWSGI_APPID.
        .replace(/^(\S+ \[pid.*) {\d+ vars in \d+ bytes}/, '$1 {N vars}')
        .replace(/in \d+ (msecs|micros)/, 'in N $1')
        .replace(/usage: \d+ bytes\/\d+MB/g, 'usage: N'),
    );
}
