/** Servers with few descriptors, or none left. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { ByteStream } from '../helpers/byte-stream.ts';
import { fetchOnce, HttpConnection } from '../helpers/http.ts';
import { isAlive, treeOf } from '../helpers/processes.ts';
import { onEnd } from '../helpers/scope.ts';
import { SERVER, startServer } from '../helpers/server.ts';

const FILES = 200;
/** The standard streams: with them a process can open nothing more. */
const FEWEST = 3;
const ENOUGH = 1000;

test('silent connections make room for those who ask; who is being served stays', async (t) => {
  const command = ['prlimit', `--nofile=${String(FILES)}`, ...SERVER];
  const server = await startServer(t, '--http 127.0.0.1:0 -M -p 2 --wsgi-file sleep.py -L', { command });
  const address = server.address('http');
  const served = await HttpConnection.open(address);
  onEnd(t, () => {
    served.close();
  });
  const running = served.request('/?1');
  await server.line(/^began \//);

  for (let nth = 0; nth < FILES + 50; nth++) {
    const silent = await ByteStream.open(address);
    onEnd(t, () => {
      silent.close();
    });
  }
  assert.equal((await fetchOnce(address, '/')).status, 200);
  assert.equal((await running).status, 200);
  await server.line(/connections closed to make room, silent ones first: \d+ \(ulimit -n is 200\)/);
});

for (const { what, pidIn } of [
  { what: 'gateway', pidIn: gatewayOf },
  { what: 'spawner', pidIn: spawnerOf },
] as const) {
  test(`a master without a descriptor goes on, and replaces a ${what} and a worker as soon as it has some`, async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 --stats 127.0.0.1:0 -M -p 1 --wsgi-file pid.py -L');
    const old = server.workerPid(1);
    const victim = pidIn(server.pid);
    allow(server.pid, FEWEST);
    process.kill(victim, 'SIGKILL');
    await server.line(new RegExp(`the ${what} .*SIGKILL`));
    process.kill(old, 'SIGKILL');
    const asked = await ByteStream.open(server.address('stats'));
    onEnd(t, () => {
      asked.close();
    });
    await server.line(/EMFILE/);
    allow(server.pid, ENOUGH);
    await server.line(/worker 1 \(pid \d+\) serving/, 2);
    assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
    assert.ok(isAlive(server.pid));
  });
}

function gatewayOf(master: number): number {
  return childOf(master, 'gateway');
}

function spawnerOf(master: number): number {
  return childOf(master, 'python');
}

function childOf(master: number, word: string): number {
  const found = treeOf(master).find(({ parent, command }) => parent === master && command.includes(word));
  if (found === undefined) throw new Error(`no ${word} below ${String(master)}`);
  return found.pid;
}

/** Sets the soft limit of a process that runs. */
function allow(pid: number, files: number): void {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${String(files)}:`]);
}
