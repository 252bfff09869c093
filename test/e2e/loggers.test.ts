/** Where lines go: loggers of every kind with somebody who receives them, routes, encoders, and what the death or the sloth of a part costs. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { type Address, freePort } from '../helpers/address.ts';
import { type Child, launch } from '../helpers/child.ts';
import { receiveDatagrams } from '../helpers/datagrams.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { countingClients, numbersIn } from '../helpers/numbered.ts';
import { APPS, PYTHON } from '../helpers/paths.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { isAlive, treeOf } from '../helpers/processes.ts';
import { requires } from '../helpers/requirements.ts';
import type { Scope } from '../helpers/scope.ts';
import { launchServer, runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

/** An application that prints what it is asked for. */
const NUMBERED = `--wsgi-file ${join(APPS, 'numbered.py')}`;

describe('every logger', () => {
  test('of every kind gets the same lines, up to the last one of the stop', async (t) => {
    const directory = tempDir(t);
    const [udp, syslog, unix] = [await receiveDatagrams(t), await receiveDatagrams(t), await receiveUnix(t, join(directory, 'socket'))];
    const kinds = {
      file: `file:${join(directory, 'file')}`,
      pipe: `pipe:cat > ${join(directory, 'pipe')}`,
      udp: `socket:127.0.0.1:${String(udp.port)}`,
      unix: `socket:${join(directory, 'socket')}`,
      rsyslog: `rsyslog:127.0.0.1:${String(syslog.port)},shop`,
    };
    const server = await start(t, ['-M', ...NUMBERED.split(' '), ...Object.values(kinds).flatMap((logger) => ['--logger', logger])]);
    await fetchOnce(server.address, '/?17');
    await eventually('the line of the request', () => linesOf(join(directory, 'file')).some((line) => line.includes(' GET /?17 ')));
    assert.equal((await server.child.stop('SIGTERM')).status, 0);
    const got: Record<keyof typeof kinds, readonly string[]> = {
      file: linesOf(join(directory, 'file')),
      pipe: linesOf(join(directory, 'pipe')),
      udp: udp.records.map((record) => record.slice(0, -1)),
      unix: (await unix.upTo('stopping after')).map((record) => record.slice(0, -1)),
      rsyslog: syslog.records.map((record) => record.replace(/^<29>\w{3} [ \d]\d \d\d:\d\d:\d\d shop: /, '')),
    };
    for (const [kind, lines] of Object.entries(got)) assert.deepEqual(lines, got.file, kind);
    assert.ok(got.file.includes('number 17'));
    assert.match(got.file.at(-1) ?? '', /SIGTERM: stopping after/);
    assert.equal(server.child.log, '', 'nothing is left for the output of the server');
  });

  test('for requests leaves the others where they were, and routes lead to those with a name', async (t) => {
    const directory = tempDir(t);
    const path = (name: string): string => join(directory, name);
    const words = [
      '--req-logger',
      `file:${path('rest')}`,
      '--req-logger',
      `seven file:${path('seven')}`,
      '--log-req-route',
      'seven /\\?7 ',
    ];
    const server = await startServer(t, ['--http-socket', '127.0.0.1:0', '-M', ...NUMBERED.split(' '), ...words]);
    for (const number of [6, 7]) await fetchOnce(server.address('http-socket'), `/?${String(number)}`);
    await server.stop('SIGTERM');
    assert.match(linesOf(path('rest')).join('\n'), /^\[pid.*\/\?6 .*$/);
    assert.match(linesOf(path('seven')).join('\n'), /^\[pid.*\/\?7 .*$/);
    assert.deepEqual([server.lines(/^number [67]$/).length, server.lines(/\[pid: .*app: /).length], [2, 0]);
  });

  test('that cannot be used keeps the server from starting, and says why', async (t) => {
    const { status, output } = await runServer(t, ['--http', '127.0.0.1:0', ...NUMBERED.split(' '), '--logger', 'file:/nowhere/log']);
    assert.equal(status, 1);
    assert.match(output, /the logger "file:\/nowhere\/log" cannot be used: No such file or directory/);
  });

  test('of a changed configuration takes over with a reload, and a file that was moved away is made anew', async (t) => {
    const directory = tempDir(t);
    const path = (name: string): string => join(directory, name);
    const configure = (logger: string): void => {
      writeFileSync(path('app.ini'), `[uwsgi]\nlogger = file:${path(logger)}\n`);
    };
    configure('first');
    const server = await start(t, ['-M', '-L', ...NUMBERED.split(' '), '--touch-logreopen', path('now'), '--ini', path('app.ini')]);
    const clients = countingClients(server.address);
    await clients.more(20);
    configure('second');
    server.child.signal('SIGHUP');
    await eventually('the reload', () => textOf(path('second')).includes('reloaded: '));
    await clients.more(20);
    renameSync(path('second'), path('moved'));
    writeFileSync(path('now'), '');
    await eventually('the file', () => existsSync(path('second')));
    await clients.more(20);
    const asked = await clients.stop();
    await server.child.stop('SIGTERM');
    assert.deepEqual(numbersIn(['first', 'moved', 'second'].map((name) => textOf(path(name)))), asked);
  });
});

describe('encoders', { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, () => {
  const app = `import os
def application(environ, start_response):
    os.write(2, ${JSON.stringify('CASE "quoted" \\ back\ttab é\n')}.encode())
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
`;
  for (const encoders of [
    ['prefix P ', 'suffix S', 'nl'],
    ['format <${msg}|${unknown}> ${strftime:%Y}', 'nl'],
    ['json {"m":"${msg}","s":"${strftime:%d}"}', 'nl'],
    ['format [${msgnl}]'],
    ['prefix one ', 'prefix two '],
  ]) {
    test(`${encoders.join(', then ')}: lines are uWSGI's`, async (t) => {
      const file = join(tempDir(t), 'app.py');
      writeFileSync(file, app);
      const words = ['--http-socket', '127.0.0.1:0', '-M', '-L', '--wsgi-file', file, ...encoders.flatMap((one) => ['--log-encoder', one])];
      const theirs = await startUwsgi(t, words);
      const ours = await start(t, words.slice(2));
      const found: (string | undefined)[] = [];
      for (const [address, lines] of [
        [theirs.address, () => theirs.child.lines(/.*CASE.*/)],
        [ours.address, () => ours.child.lines(/.*CASE.*/)],
      ] as const) {
        await fetchOnce(address, '/');
        await eventually('the line', () => lines().length > 0);
        found.push(lines()[0]?.[0]);
      }
      assert.equal(found[1], found[0]);
    });
  }
});

describe('the log writer', () => {
  test('may be killed under load: not one line is missing', async (t) => {
    const directory = tempDir(t);
    const path = join(directory, 'log');
    const server = await start(t, ['-M', '-p', '2', '-L', ...NUMBERED.split(' '), '--logger', `file:${path}`]);
    const clients = countingClients(server.address);
    for (let nth = 0; nth < 3; nth++) {
      await clients.more(50);
      const pid = logWriterOf(server.child);
      process.kill(pid, 'SIGKILL');
      if (nth < 2) await eventually('another log writer', () => ![0, pid].includes(logWriterOf(server.child)));
    }
    // The last one is dead while the server stops.
    const asked = await clients.stop();
    await server.child.stop('SIGTERM');
    assert.deepEqual([...new Set(numbersIn([textOf(path)]))], asked);
    assert.match(textOf(path), /the log writer ended \(SIGKILL\): starting it again/);
  });

  test('stuck with a command that does not read costs requests nothing', async (t) => {
    const directory = tempDir(t);
    const pidFile = join(directory, 'pid');
    const server = await start(t, [
      '-M',
      '--wsgi-file',
      join(APPS, 'hello.py'),
      '--req-logger',
      `pipe:echo $$ > ${pidFile}; exec sleep 1000`,
    ]);
    const long = 'x'.repeat(3000);
    // More than the pipe to the command, the log writer and the pipe to it hold together.
    for (let nth = 0; nth < 900; nth++) assert.equal((await fetchOnce(server.address, `/?${String(nth)}${long}`)).status, 200);
    const stuck = Number(textOf(pidFile));
    assert.ok(isAlive(stuck));
    process.kill(stuck, 'SIGKILL');
    assert.equal((await server.child.stop('SIGTERM')).status, 0);
  });
});

/** A server whose own lines go elsewhere. */
async function start(scope: Scope, words: readonly string[]): Promise<{ readonly child: Child; readonly address: Address }> {
  const port = await freePort();
  const address = { host: '127.0.0.1', port };
  const child = launchServer(scope, ['--http-socket', `127.0.0.1:${String(port)}`, ...words]);
  await eventually('an answer', async () => child.hasEnded || (await fetchOnce(address, '/?0').catch(() => undefined))?.status === 200);
  return { child, address };
}

function logWriterOf({ pid }: Child): number {
  return treeOf(pid).find(({ command, state }) => state !== 'Z' && command.includes('tsuwsgi/logwriter'))?.pid ?? 0;
}

async function receiveUnix(t: TestContext, path: string): Promise<{ readonly upTo: (text: string) => Promise<readonly string[]> }> {
  const script = join(import.meta.dirname, '../helpers/datagrams.py');
  const child = launch(t, { command: PYTHON, words: [script, path], cwd: '/', stopSignal: 'SIGKILL', stopStatus: 'any' });
  await child.line(/^listening$/);
  return {
    upTo: async (text) => {
      await child.line(new RegExp(text));
      return child.lines(/^".*"$/).map(([line]) => JSON.parse(line) as string);
    },
  };
}

function linesOf(path: string): readonly string[] {
  return textOf(path).split('\n').slice(0, -1);
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
