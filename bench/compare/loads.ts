import { join } from 'node:path';
import type { Scope } from '../../test/helpers/scope.ts';
import { tempDir } from '../../test/helpers/temp.ts';
import { inFront, startTsuwsgi, type Started } from '../servers.ts';
import { downloaded, requestsPerSecond, type Transfers, uploaded } from '../wrk.ts';

/** Work for a tsuwsgi of any commit, so it asks for nothing that came late. */
export interface Load {
  readonly name: string;
  readonly unit: 'requests/s' | 'MB/s';
  /** Debian's packages without which it cannot be measured. */
  readonly needs: readonly string[];
  /** @param server the command that is tsuwsgi */
  readonly start: (scope: Scope, server: readonly string[]) => Promise<Started>;
  readonly measure: (server: Started, seconds: number) => Promise<number>;
}

const HELLO = '-M -p 2 --wsgi-file hello.py';

/** Few, and each of them goes another way through the server. */
export const LOADS: readonly Load[] = [
  {
    ...overHttp(`${HELLO} -L`),
    name: 'hello world over HTTP, 64 connections, no request log',
    unit: 'requests/s',
    measure: requestsPerSecond(64),
  },
  {
    ...overHttp(HELLO),
    name: 'hello world over HTTP, 64 connections, request log to a file',
    unit: 'requests/s',
    measure: requestsPerSecond(64),
  },
  {
    ...overHttp(`${HELLO} -L`),
    name: 'hello world over HTTP, 1 connection, no request log',
    unit: 'requests/s',
    measure: requestsPerSecond(1),
  },
  {
    name: 'hello world behind nginx by uwsgi_pass on a Unix socket, 64 connections, request log to a file',
    unit: 'requests/s',
    needs: ['nginx-light'],
    start: async (scope, server) =>
      inFront(await startTsuwsgi(scope, `--socket ${join(tempDir(scope), 'app.sock')} -C666 ${HELLO}`, server), scope),
    measure: requestsPerSecond(64),
  },
  ...transfers('10 KB', { size: 10_000, connections: 64 }),
  ...transfers('1 MB', { size: 1_000_000, connections: 4 }),
  {
    ...overHttp('-M -p 4 -L --wsgi-file flask-json.py'),
    name: 'JSON from Flask over HTTP, 4 workers, 64 connections, no request log',
    unit: 'requests/s',
    needs: ['python3-flask'],
    measure: requestsPerSecond(64),
  },
];

function transfers(size: string, kind: Transfers): readonly Load[] {
  const server = overHttp('-M -p 2 -L --wsgi-file transfer.py');
  const how = `of ${size} over HTTP, ${String(kind.connections)} connections`;
  return [
    { ...server, name: `uploads ${how}`, unit: 'MB/s', measure: uploaded(kind) },
    { ...server, name: `downloads ${how}`, unit: 'MB/s', measure: downloaded(kind) },
  ];
}

function overHttp(words: string): Pick<Load, 'needs' | 'start'> {
  return { needs: [], start: (scope, server) => startTsuwsgi(scope, `--http-socket 127.0.0.1:0 ${words}`, server) };
}
