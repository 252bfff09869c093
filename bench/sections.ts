import { join } from 'node:path';
import { formatAddress, freePort } from '../test/helpers/address.ts';
import { APPS } from '../test/helpers/paths.ts';
import { NODE, SERVER } from '../test/helpers/server.ts';
import { fastcgiPass, proxyPass, scgiPass } from '../test/helpers/nginx.ts';
import { requires } from '../test/helpers/requirements.ts';
import type { Scope } from '../test/helpers/scope.ts';
import { tempDir } from '../test/helpers/temp.ts';
import { wallTime } from './commands.ts';
import { memoryOf } from './memory.ts';
import { manySites, memoryOfSites, wakeUp, type WakeUp } from './many-sites.ts';
import { measureReloads, type ReloadFigures } from './reload.ts';
import { formatFigure } from './table.ts';
import { startReadServer } from './readers.ts';
import { type Front, inFront, startGunicornWorkers, startModWsgi, startTsuwsgi, startUwsgi, type Started } from './servers.ts';
import { downloaded, requestsPerSecond, uploaded } from './wrk.ts';

/** One server or command in one set-up. */
export interface Contender {
  readonly name: string;
  /** Debian's packages without which it cannot be measured. */
  readonly needs: readonly string[];
  /** Measures it once, for so many seconds. */
  readonly figure: (scope: Scope, seconds: number) => Promise<number>;
}

/** What is measured in the same way. */
export interface Section {
  readonly title: string;
  readonly unit: 'requests/s' | 'MB/s' | 'KiB' | 'ms' | 'times';
  /** The contender that the ratios are to. */
  readonly baseline: string;
  readonly contenders: readonly Contender[];
}

/** A server, and how to start it. */
interface Server extends Pick<Contender, 'name' | 'needs'> {
  readonly start: (scope: Scope) => Promise<Started>;
}

type Measure = (server: Started, seconds: number) => Promise<number>;

const HELLO = '-M -p 2 --wsgi-file hello.py';
const DJANGO = `--socket 127.0.0.1:0 -M -p 8 --chdir ${join(APPS, 'django-site')} --wsgi-file mysite/wsgi.py -L`;
const UWSGI = ['uwsgi', 'uwsgi-plugin-python3'];

const FASTCGI_PATH = 'fastcgi_param PATH_INFO $document_uri;';
const KEPT_FASTCGI = `include /etc/nginx/fastcgi_params; ${FASTCGI_PATH} fastcgi_keep_conn on; fastcgi_pass app;`;
const KEPT_HTTP = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://app;';

/** Without blanks, since a command line here is split at them. */
const TEN_VARIABLES = '%(addr)|%(user)|%(ltime)|%(method)|%(uri)|%(proto)|%(status)|%(size)|%(micros)|%(uagent)';

/** Everything that is measured. */
export const SECTIONS: readonly Section[] = [
  {
    title: 'Straight over HTTP, 64 connections, request log to a file',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    contenders: measured(requestsPerSecond(64), [...tsuwsgiOverHttp(''), ...uwsgiOverHttp('')]),
  },
  {
    title: 'Straight over HTTP, 64 connections, no request log',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    contenders: measured(requestsPerSecond(64), [...tsuwsgiOverHttp('-L'), ...uwsgiOverHttp('-L'), ...others()]),
  },
  {
    title: 'Straight over HTTP, 1 connection, no request log',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    contenders: measured(requestsPerSecond(1), [...tsuwsgiOverHttp('-L'), ...uwsgiOverHttp('-L'), ...others()]),
  },
  {
    title: 'What logging requests costs: straight over HTTP, 64 connections, log to a file',
    unit: 'requests/s',
    baseline: 'no lines',
    contenders: measured(requestsPerSecond(64), [
      logging('no lines', '-L'),
      logging("uWSGI's line", ''),
      logging('log-format of ten variables', `--log-format ${TEN_VARIABLES}`),
      logging('log-format = json', '--log-format json'),
    ]),
  },
  {
    title: 'What reading statistics costs: straight over HTTP, 64 connections, no request log',
    unit: 'requests/s',
    baseline: 'no statistics server',
    contenders: measured(requestsPerSecond(64), [
      logging('no statistics server', '-L'),
      ...[
        ['/metrics each second', '/metrics'],
        ['the document each second', '/'],
        ["the dashboard's history each second", '/history'],
      ].map(([name = '', path = '']) => ({
        name,
        needs: [],
        start: (scope: Scope) => startReadServer(scope, `--http-socket 127.0.0.1:0 ${HELLO} -L`, path),
      })),
    ]),
  },
  behindNginx('a Unix socket', (scope) => join(tempDir(scope), 'app.sock')),
  behindNginx('TCP', () => '127.0.0.1:0'),
  passedOn('fastcgi_pass', 'fastcgi-socket', {
    pass: (to) => ({ server: fastcgiPass(to, FASTCGI_PATH) }),
    keep: keeping(KEPT_FASTCGI),
  }),
  passedOn('scgi_pass', 'scgi-socket', { pass: (to) => ({ server: scgiPass(to, 'scgi_param PATH_INFO $document_uri;') }) }),
  passedOn('proxy_pass', 'http-socket', { pass: (to) => ({ server: proxyPass(to) }), keep: keeping(KEPT_HTTP) }),
  ...[10_000, 1_000_000, 100_000_000].map((size) => transfers('Uploads', size, uploaded(size))),
  ...[1_000_000, 100_000_000].map((size) => transfers('Downloads', size, downloaded(size))),
  {
    title: 'Memory of a Django site: PSS of all processes, 8 workers after warm-up, uwsgi socket',
    unit: 'KiB',
    baseline: 'uWSGI',
    contenders: measured(memoryOf, [
      { name: 'tsuwsgi', needs: ['python3-django'], start: (scope) => startTsuwsgi(scope, DJANGO) },
      { name: 'uWSGI', needs: ['python3-django', ...UWSGI], start: (scope) => startUwsgi(scope, DJANGO) },
    ]),
  },
  {
    title: 'Memory of 20 mounted Flask sites, one of them under load: PSS of all processes, HTTP',
    unit: 'KiB',
    baseline: 'tsuwsgi -p 4',
    contenders: [
      sharing('tsuwsgi -p 4', '-p 4'),
      sharing('tsuwsgi -p 4 --cheaper 1 --idle 2', '-p 4 --cheaper 1 --idle 2'),
      sharing('tsuwsgi -p 4 --cheap --idle 2', '-p 4 --cheap --idle 2'),
      sharing('tsuwsgi -p 4 --single-interpreter', '-p 4 --single-interpreter'),
      sharing('uWSGI -p 4, all sites in each worker', '-p 4', 'uWSGI'),
    ],
  },
  {
    title: 'The first request to a site that sleeps, 20 mounted Flask sites with --cheap, one of them under load: median of the 19',
    unit: 'ms',
    baseline: 'its import',
    contenders: [
      woken('in all', ({ total }) => total),
      woken('its import', ({ imported }) => imported),
      woken('beyond its import', ({ beyond }) => beyond),
    ],
  },
  {
    title: 'Reloads under load by SIGHUP, a Flask site, 4 workers, 32 connections: 99th percentile during them, by that before',
    unit: 'times',
    baseline: 'uWSGI --http --http-keepalive',
    contenders: reloaded(({ slowdown }) => slowdown),
  },
  {
    title: 'Reloads under load, in the same way: the longest response',
    unit: 'ms',
    baseline: 'uWSGI --http --http-keepalive',
    contenders: reloaded(({ longest }) => longest),
  },
  {
    title: 'Checking a config file, from start to end',
    unit: 'ms',
    baseline: 'node -e 0',
    contenders: [
      { name: 'node -e 0', needs: [], figure: (_, seconds) => Promise.resolve(wallTime([NODE, '-e', '0'], seconds)) },
      validation('config validate, 40 lines', 40),
      validation('config validate, 2,000 lines', 2000),
    ],
  },
];

/** The packages of a contender that are not here, as a sentence, or false. */
export function whyAbsent({ needs }: Contender): string | false {
  return requires(...needs);
}

function measured(measure: Measure, servers: readonly Server[]): Contender[] {
  return servers.map(({ name, needs, start }) => ({ name, needs, figure: async (scope, seconds) => measure(await start(scope), seconds) }));
}

function sharing(name: string, words: string, server: 'tsuwsgi' | 'uWSGI' = 'tsuwsgi'): Contender {
  const start: (scope: Scope, words: string) => Promise<Started> = server === 'uWSGI' ? startUwsgi : startTsuwsgi;
  return {
    name,
    needs: ['python3-flask', ...(server === 'uWSGI' ? UWSGI : [])],
    figure: async (scope) => memoryOfSites(scope, await start(scope, `--http-socket 127.0.0.1:0 ${manySites(scope)} ${words}`)),
  };
}

function woken(name: string, figure: (wakeUp: WakeUp) => number): Contender {
  return {
    name,
    needs: ['python3-flask'],
    figure: async (scope) =>
      figure(await wakeUp(scope, await startTsuwsgi(scope, `--http-socket 127.0.0.1:0 ${manySites(scope)} -p 4 --cheap`))),
  };
}

function reloaded(figure: (figures: ReloadFigures) => number): Contender[] {
  const words = (folder: string): string => `-M -p 4 -L --chdir ${folder} --wsgi-file site.wsgi.py`;
  const contender = (name: string, needs: readonly string[], start: (scope: Scope, folder: string) => Promise<Started>): Contender => ({
    name,
    needs: ['python3-flask', ...needs],
    figure: async (scope, seconds) => figure(await measureReloads(scope, start, seconds)),
  });
  return [
    contender('tsuwsgi --http', [], (scope, folder) => startTsuwsgi(scope, `--http 127.0.0.1:0 ${words(folder)}`)),
    contender('uWSGI --http --http-keepalive', UWSGI, async (scope, folder) =>
      startUwsgi(scope, `--http 127.0.0.1:${String(await freePort())} --http-keepalive=1 ${words(folder)}`),
    ),
  ];
}

/** A file of so many lines without a fault: variables for the application, below what every site has. */
function validation(name: string, lines: number): Contender {
  const common = ['[uwsgi]', 'http-socket = 127.0.0.1:8000', 'module = site.wsgi', 'master = true', 'processes = 4', 'harakiri = 30'];
  const variables = Array.from({ length: lines - common.length }, (_, at) => `env = SETTING_${String(at)}=%d${String(at)}`);
  const figure = (scope: Scope, seconds: number): Promise<number> => {
    const folder = tempDir(scope, { 'app.ini': `${[...common, ...variables].join('\n')}\n` });
    return Promise.resolve(wallTime([...SERVER, 'config', 'validate', join(folder, 'app.ini')], seconds));
  };
  return { name, needs: [], figure };
}

function tsuwsgiOverHttp(flags: string): Server[] {
  return ['http-socket', 'http'].map((option) => ({
    name: `tsuwsgi --${option}`,
    needs: [],
    start: (scope) => startTsuwsgi(scope, `--${option} 127.0.0.1:0 ${HELLO} ${flags}`.trim()),
  }));
}

function logging(name: string, words: string): Server {
  return { name, needs: [], start: (scope) => startTsuwsgi(scope, `--http-socket 127.0.0.1:0 ${HELLO} ${words}`.trim()) };
}

function uwsgiOverHttp(flags: string): Server[] {
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
function others(): Server[] {
  return [
    { name: 'gunicorn gthread', needs: ['gunicorn'], start: (scope) => startGunicornWorkers(scope, '--worker-class gthread --threads 4') },
    { name: 'gunicorn sync', needs: ['gunicorn'], start: (scope) => startGunicornWorkers(scope, '--worker-class sync') },
    { name: 'mod_wsgi daemon', needs: ['apache2', 'libapache2-mod-wsgi-py3'], start: startModWsgi },
  ];
}

/** nginx in front over TCP, by another protocol than uWSGI's own: a connection a request, as by default, and kept ones, which uWSGI has not. */
function passedOn(directive: string, option: string, { pass, keep }: { pass: Front; keep?: Front }): Section {
  const words = `--${option} 127.0.0.1:0 ${HELLO}`;
  const tsuwsgi = (name: string, front: Front): Server => ({
    name: `tsuwsgi --${option}${name}`,
    needs: ['nginx-light'],
    start: async (scope) => inFront(await startTsuwsgi(scope, words), scope, front),
  });
  return {
    title: `Behind nginx by ${directive} on TCP, 64 connections, request log to a file`,
    unit: 'requests/s',
    baseline: `uWSGI --${option}`,
    contenders: measured(requestsPerSecond(64), [
      tsuwsgi('', pass),
      ...(keep ? [tsuwsgi(', kept connections', keep)] : []),
      {
        name: `uWSGI --${option}`,
        needs: ['nginx-light', ...UWSGI],
        start: async (scope) => inFront(await startUwsgi(scope, words), scope, pass),
      },
    ]),
  };
}

function keeping(location: string): Front {
  return (to) => ({ http: `upstream app { server ${formatAddress(to)}; keepalive 32; }`, server: `location / { ${location} }` });
}

/** Bodies of one size over HTTP. The last server hands bodies on as they come. */
function transfers(what: string, size: number, measure: Measure): Section {
  const words = '--http-socket 127.0.0.1:0 -M -p 2 -L --wsgi-file transfer.py';
  const buffered = { name: 'tsuwsgi', needs: [], start: (scope: Scope) => startTsuwsgi(scope, words) };
  const streamed = {
    name: 'tsuwsgi, request-buffering = false',
    needs: [],
    start: (scope: Scope) => startTsuwsgi(scope, `${words} --request-buffering=false`),
  };
  return {
    title: `${what} of ${formatFigure(size / 1000)} KB straight over HTTP, 4 connections`,
    unit: 'MB/s',
    baseline: 'uWSGI --http-socket',
    contenders: measured(measure, [
      buffered,
      ...(what === 'Uploads' ? [streamed] : []),
      { name: 'uWSGI --http-socket', needs: UWSGI, start: (scope) => startUwsgi(scope, words) },
    ]),
  };
}

function behindNginx(what: string, socket: (scope: Scope) => string): Section {
  const words = (scope: Scope) => `--socket ${socket(scope)} -C666 ${HELLO}`;
  return {
    title: `Behind nginx by uwsgi_pass on ${what}, 64 connections, request log to a file`,
    unit: 'requests/s',
    baseline: 'uWSGI --socket',
    contenders: measured(requestsPerSecond(64), [
      { name: 'tsuwsgi --socket', needs: ['nginx-light'], start: async (scope) => inFront(await startTsuwsgi(scope, words(scope)), scope) },
      {
        name: 'uWSGI --socket',
        needs: ['nginx-light', ...UWSGI],
        start: async (scope) => inFront(await startUwsgi(scope, words(scope)), scope),
      },
    ]),
  };
}
