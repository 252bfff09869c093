/** Servers that faults are done to: tsuwsgi, and its peers with the same application and as many workers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, freePort } from '../test/helpers/address.ts';
import type { Child } from '../test/helpers/child.ts';
import { startLoad, type Load } from '../test/helpers/load.ts';
import { startGunicorn, startUwsgi } from '../test/helpers/peers.ts';
import { type ProcessInfo, treeOf } from '../test/helpers/processes.ts';
import type { Scope } from '../test/helpers/scope.ts';
import { startServer } from '../test/helpers/server.ts';
import { tempDir } from '../test/helpers/temp.ts';

/** A running server under load. */
export interface Target {
  readonly pid: number;
  readonly address: Address;
  readonly load: Load;
  readonly random: () => number;
  workers(): readonly number[];
  family(part: 'spawner' | 'gateway'): readonly number[];
  /** Waits until a number of requests more had a good answer. */
  serves(): Promise<void>;
  /** Changes the code, asks for a reload and waits until the new code answers. */
  reload(): Promise<void>;
  breakCode(): void;
  mendCode(): void;
}

/** One kind of server, and how to start it. */
export interface Contender {
  readonly name: string;
  /** Debian's packages without which it cannot be had. */
  readonly needs: readonly string[];
  readonly start: (scope: Scope, conditions: Conditions) => Promise<Target>;
}

export interface Conditions {
  readonly clients: number;
  readonly random: () => number;
}

const GOOD_REQUESTS = 40;
const DEADLINE_MS = 30_000;

export const TSUWSGI: Contender = {
  name: 'tsuwsgi --http',
  needs: [],
  start: async (scope, conditions) => {
    const cwd = siteIn(scope);
    const server = await startServer(scope, '--http 127.0.0.1:0 -M -p 2 --wsgi-file app.py -L', { cwd });
    const python = () => server.family().filter(({ command }) => command.includes('python'));
    const parts: Parts = {
      workers: () => python().filter(({ parent }) => parent !== server.pid),
      spawner: () => python().filter(({ parent }) => parent === server.pid),
      gateway: () => treeOf(server.pid).filter(({ parent, command }) => parent === server.pid && command.includes('gateway')),
    };
    return makeTarget(scope, { pid: server.pid, address: server.address('http'), cwd, parts, conditions });
  },
};

/** Each with a master and two workers, by the door that it offers to HTTP clients itself. */
export const PEERS: readonly Contender[] = [
  {
    name: 'uWSGI --http-socket',
    needs: ['uwsgi', 'uwsgi-plugin-python3'],
    start: async (scope, conditions) => {
      const cwd = siteIn(scope);
      // At a reload uWSGI finds its socket by the address that was written, so port 0 would become another port.
      const address = `127.0.0.1:${String(await freePort())}`;
      const peer = await startUwsgi(scope, `--http-socket ${address} -M -p 2 --wsgi-file app.py --need-app -L`, cwd);
      return makeTarget(scope, { pid: peer.pid, address: peer.address, cwd, parts: workersBelow(peer.child), conditions });
    },
  },
  {
    name: 'gunicorn',
    needs: ['gunicorn'],
    start: async (scope, conditions) => {
      const cwd = siteIn(scope);
      const peer = await startGunicorn(scope, '--bind 127.0.0.1:0 --workers 2 app:application', cwd);
      return makeTarget(scope, { pid: peer.pid, address: peer.address, cwd, parts: workersBelow(peer.child), conditions });
    },
  },
];

interface Parts {
  readonly workers: () => readonly ProcessInfo[];
  readonly spawner: () => readonly ProcessInfo[];
  readonly gateway: () => readonly ProcessInfo[];
}

function workersBelow({ pid }: Child): Parts {
  return { workers: () => treeOf(pid).filter(({ parent }) => parent === pid), spawner: () => [], gateway: () => [] };
}

function siteIn(scope: Scope): string {
  return tempDir(scope, { 'app.py': siteOf(0) });
}

/** Answers with its version, after as long as a small page takes. */
function siteOf(version: number): string {
  // Each version has another size: Python takes a compiled file of the same second and size for the new one's.
  return `import time  # ${'v'.repeat(version)}


def application(environ, start_response):
    time.sleep(0.005)
    body = b"version ${String(version)}"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
`;
}

interface Made {
  readonly pid: number;
  readonly address: Address;
  readonly cwd: string;
  readonly parts: Parts;
  readonly conditions: Conditions;
}

function makeTarget(scope: Scope, { pid, address, cwd, parts, conditions }: Made): Target {
  const load = startLoad(scope, address, { clients: conditions.clients });
  const path = join(cwd, 'app.py');
  let version = 0;
  const write = (text: string): void => {
    writeFileSync(path, text);
  };
  const pids = (processes: readonly ProcessInfo[]): readonly number[] => processes.map((one) => one.pid);
  return {
    pid,
    address,
    load,
    random: conditions.random,
    workers: () => pids(parts.workers()),
    family: (part) => pids(parts[part]()),
    serves: () => load.more(GOOD_REQUESTS, DEADLINE_MS),
    reload: async () => {
      write(siteOf(++version));
      process.kill(pid, 'SIGHUP');
      await load.body(`version ${String(version)}`, DEADLINE_MS);
    },
    breakCode: () => {
      write('def application(:\n');
    },
    mendCode: () => {
      write(siteOf(version));
    },
  };
}
