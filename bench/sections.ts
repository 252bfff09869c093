import { join } from 'node:path';
import { freePort } from '../test/helpers/address.ts';
import { APPS } from '../test/helpers/paths.ts';
import { requires } from '../test/helpers/requirements.ts';
import type { Scope } from '../test/helpers/scope.ts';
import { tempDir } from '../test/helpers/temp.ts';
import { memoryOf } from './memory.ts';
import { inFront, startGunicornWorkers, startModWsgi, startTsuwsgi, startUwsgi, type Started } from './servers.ts';
import { requestsPerSecond } from './wrk.ts';

/** One server in one set-up. */
export interface Contender {
  readonly name: string;
  /** Debian's packages without which it cannot be measured. */
  readonly needs: readonly string[];
  readonly start: (scope: Scope) => Promise<Started>;
}

/** Servers that are measured in the same way. */
export interface Section {
  readonly title: string;
  readonly unit: 'requests/s' | 'KiB';
  /** The contender that the ratios are to. */
  readonly baseline: string;
  readonly contenders: readonly Contender[];
  readonly measure: (server: Started, seconds: number) => Promise<number>;
}

const HELLO = '-M -p 2 --wsgi-file hello.py';
const DJANGO = `--socket 127.0.0.1:0 -M -p 8 --chdir ${join(APPS, 'django-site')} --wsgi-file mysite/wsgi.py -L`;
const UWSGI = ['uwsgi', 'uwsgi-plugin-python3'];

/** Everything that is measured. */
export const SECTIONS: readonly Section[] = [
  {
    title: 'Straight over HTTP, 64 connections, request log to a file',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    contenders: [...tsuwsgiOverHttp(''), ...uwsgiOverHttp('')],
    measure: requestsPerSecond(64),
  },
  {
    title: 'Straight over HTTP, 64 connections, no request log',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    contenders: [...tsuwsgiOverHttp('-L'), ...uwsgiOverHttp('-L'), ...others()],
    measure: requestsPerSecond(64),
  },
  {
    title: 'Straight over HTTP, 1 connection, no request log',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    contenders: [...tsuwsgiOverHttp('-L'), ...uwsgiOverHttp('-L'), ...others()],
    measure: requestsPerSecond(1),
  },
  behindNginx('a Unix socket', (scope) => join(tempDir(scope), 'app.sock')),
  behindNginx('TCP', () => '127.0.0.1:0'),
  {
    title: 'Memory of a Django site: PSS of all processes, 8 workers after warm-up, uwsgi socket',
    unit: 'KiB',
    baseline: 'uWSGI',
    contenders: [
      { name: 'tsuwsgi', needs: ['python3-django'], start: (scope) => startTsuwsgi(scope, DJANGO) },
      { name: 'uWSGI', needs: ['python3-django', ...UWSGI], start: (scope) => startUwsgi(scope, DJANGO) },
    ],
    measure: memoryOf,
  },
];

/** The packages of a contender that are not here, as a sentence, or false. */
export function whyAbsent({ needs }: Contender): string | false {
  return requires(...needs);
}

function tsuwsgiOverHttp(flags: string): Contender[] {
  return ['http-socket', 'http'].map((option) => ({
    name: `tsuwsgi --${option}`,
    needs: [],
    start: (scope) => startTsuwsgi(scope, `--${option} 127.0.0.1:0 ${HELLO} ${flags}`.trim()),
  }));
}

function uwsgiOverHttp(flags: string): Contender[] {
  return [
    {
      name: 'uWSGI --http-socket',
      needs: UWSGI,
      start: (scope) => startUwsgi(scope, `--http-socket 127.0.0.1:0 ${HELLO} ${flags}`.trim()),
    },
    {
      name: 'uWSGI --http --http-keepalive',
      needs: UWSGI,
      start: async (scope) => {
        const port = await freePort();
        return startUwsgi(scope, `--http 127.0.0.1:${String(port)} --http-keepalive=1 ${HELLO} ${flags}`.trim());
      },
    },
  ];
}

/** They log no requests unless they are told to. */
function others(): Contender[] {
  return [
    { name: 'gunicorn gthread', needs: ['gunicorn'], start: (scope) => startGunicornWorkers(scope, '--worker-class gthread --threads 4') },
    { name: 'gunicorn sync', needs: ['gunicorn'], start: (scope) => startGunicornWorkers(scope, '--worker-class sync') },
    { name: 'mod_wsgi daemon', needs: ['apache2', 'libapache2-mod-wsgi-py3'], start: startModWsgi },
  ];
}

function behindNginx(what: string, socket: (scope: Scope) => string): Section {
  const words = (scope: Scope) => `--socket ${socket(scope)} -C666 ${HELLO}`;
  return {
    title: `Behind nginx by uwsgi_pass on ${what}, 64 connections, request log to a file`,
    unit: 'requests/s',
    baseline: 'uWSGI --socket',
    contenders: [
      { name: 'tsuwsgi --socket', needs: ['nginx-light'], start: async (scope) => inFront(await startTsuwsgi(scope, words(scope)), scope) },
      {
        name: 'uWSGI --socket',
        needs: ['nginx-light', ...UWSGI],
        start: async (scope) => inFront(await startUwsgi(scope, words(scope)), scope),
      },
    ],
    measure: requestsPerSecond(64),
  };
}
