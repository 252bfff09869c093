import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENDED_WITHOUT_MASTER } from '../src/core/errors/exit-status.ts';
import { freePort, parseAddress, type Address } from '../test/helpers/address.ts';
import { launch, type Launch } from '../test/helpers/child.ts';
import { eventually } from '../test/helpers/eventually.ts';
import { type NginxOptions, startNginx, uwsgiPass } from '../test/helpers/nginx.ts';
import { APPS } from '../test/helpers/paths.ts';
import { startGunicorn } from '../test/helpers/peers.ts';
import type { Scope } from '../test/helpers/scope.ts';
import { SERVER } from '../test/helpers/server.ts';
import { tempDir } from '../test/helpers/temp.ts';

/** A running server, ready to be measured. */
export interface Started {
  readonly pid: number;
  readonly address: Address;
}

/** One that writes its log to a file. */
export interface Logging extends Started {
  readonly logFile: string;
}

const START_DEADLINE_MS = 60_000;

/**
 * tsuwsgi with its log in a file, as uWSGI below: a pipe would make the bench read as fast as the server writes.
 *
 * @param server the command that it is, if not ours
 */
export async function startTsuwsgi(scope: Scope, words: string, server = SERVER): Promise<Logging> {
  const [command = '', ...first] = server;
  const program = {
    command,
    words: [...first, ...words.split(' ')],
    stopSignal: 'SIGTERM',
    stopStatus: [0, ENDED_WITHOUT_MASTER],
  } as const;
  return startWithLogFile(scope, program, {
    ready: /\bready: \d+ workers?\b/,
    address: /\b(?:http|http-socket|fastcgi-socket|scgi-socket|uwsgi) on ([^\s,]+)/,
  });
}

/** uWSGI with Debian's plugins; `--http` needs its port given, all other sockets may ask for any. */
export async function startUwsgi(scope: Scope, words: string): Promise<Started> {
  const program = {
    command: 'uwsgi',
    words: ['--plugin', 'python3,http', ...words.split(' ')],
    stopSignal: 'SIGKILL',
    stopStatus: 'any',
  } as const;
  const address = /(?:uWSGI http bound on|uwsgi socket 0 bound to (?:TCP|UNIX) address) (\S+)/;
  return startWithLogFile(scope, program, {
    ready: words.includes('--http ') ? /spawned uWSGI http 1 / : /spawned uWSGI worker (?:2 |1 \(and the only\))/,
    address,
  });
}

/** The same behind its own HTTP router, which keeps connections. */
export async function startUwsgiRouter(scope: Scope, words: string): Promise<Started> {
  return startUwsgi(scope, `--http 127.0.0.1:${String(await freePort())} --http-keepalive=1 ${words}`);
}

async function startWithLogFile(
  scope: Scope,
  program: Pick<Launch, 'command' | 'words' | 'stopSignal' | 'stopStatus'>,
  lines: { readonly ready: RegExp; readonly address: RegExp },
): Promise<Logging> {
  const path = join(tempDir(scope), 'server.log');
  const child = launch(scope, { ...program, words: [...program.words, '--logto', path], cwd: APPS });
  const log = await eventually(`${String(child)} is ready`, () => readyLog(path, lines.ready), START_DEADLINE_MS);
  return { pid: child.pid, address: parseAddress(lines.address.exec(log)?.[1] ?? ''), logFile: path };
}

function readyLog(path: string, ready: RegExp): string | undefined {
  try {
    const log = readFileSync(path, 'utf8');
    return ready.test(log) ? log : undefined;
  } catch {
    // The server has not made it yet.
    return undefined;
  }
}

/** gunicorn, which logs no requests unless it is told to. */
export async function startGunicornWorkers(scope: Scope, words: string): Promise<Started> {
  return startGunicorn(scope, `--bind 127.0.0.1:0 --workers 2 ${words} hello:application`);
}

/** What nginx is told in front of a server: its `server` block, and what stands beside. */
export type Front = (to: Address) => Pick<NginxOptions, 'server' | 'http'>;

const BY_UWSGI: Front = (to) => ({ server: uwsgiPass(to) });

/** nginx on TCP, for wrk knows no Unix sockets, in front of a server. */
export async function inFront({ pid, address }: Started, scope: Scope, front = BY_UWSGI): Promise<Started> {
  const listen = { host: '127.0.0.1', port: await freePort() };
  return { pid, address: (await startNginx(scope, { ...front(address), listen })).address };
}

/** What mod_wsgi's daemon processes run. */
export interface ModWsgiSite {
  readonly processes: number;
  readonly script: string;
  /** Where modules are imported from. */
  readonly directory: string;
}

const HELLO: ModWsgiSite = { processes: 2, script: join(APPS, 'hello.py'), directory: APPS };

/** Apache with mod_wsgi's daemon mode: processes of one thread, like everybody else here. */
export async function startModWsgi(scope: Scope, site = HELLO): Promise<Started> {
  const dir = tempDir(scope);
  const port = await freePort();
  mkdirSync(join(dir, 'run'));
  const config = join(dir, 'apache2.conf');
  writeFileSync(config, apacheConfig(dir, port, site));
  const child = launch(scope, {
    command: 'apache2',
    words: ['-D', 'FOREGROUND', '-f', config],
    cwd: dir,
    stopSignal: 'SIGKILL',
    stopStatus: 'any',
  });
  await eventually('Apache is ready', () => readyLog(join(dir, 'error.log'), /resuming normal operations/), START_DEADLINE_MS);
  return { pid: child.pid, address: { host: '127.0.0.1', port } };
}

function apacheConfig(dir: string, port: number, { processes, script, directory }: ModWsgiSite): string {
  const modules = ['mpm_event', 'authz_core', 'wsgi'];
  return `
ServerRoot ${dir}
ServerName localhost
PidFile ${dir}/run/pid
DefaultRuntimeDir ${dir}/run
ErrorLog ${dir}/error.log
LogLevel notice
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
User www-data
Group www-data
Listen 127.0.0.1:${String(port)}
KeepAlive On
MaxKeepAliveRequests 0
WSGISocketPrefix ${dir}/run/wsgi
WSGIDaemonProcess bench processes=${String(processes)} threads=1 python-path=${directory}
WSGIProcessGroup bench
WSGIApplicationGroup %{GLOBAL}
WSGIScriptAlias / ${script}
<Directory />
  Require all granted
</Directory>
`;
}
