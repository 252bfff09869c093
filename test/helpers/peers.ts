import { parseAddress, type Address } from './address.ts';
import { launch, type Child } from './child.ts';
import { APPS } from './paths.ts';
import type { Scope } from './scope.ts';

/** A server of somebody else, to compare with. */
export interface Peer {
  readonly child: Child;
  readonly pid: number;
  readonly log: string;
  /** The address that it reported for its first socket. */
  readonly address: Address;
}

/** Real uWSGI with Debian's plugins. Ports may be 0 but for `--http`, whose line does not tell the port. */
export async function startUwsgi(scope: Scope, commandLine: string | readonly string[], cwd = APPS): Promise<Peer> {
  const given = typeof commandLine === 'string' ? commandLine.split(' ') : commandLine;
  // It takes up to a second to stop, and with threads sometimes for ever.
  const child = launch(scope, {
    command: 'uwsgi',
    words: ['--plugin', 'python3,http', ...given],
    cwd,
    stopSignal: 'SIGKILL',
    stopStatus: 'any',
  });
  await child.line(given.includes('--http') ? /spawned uWSGI http 1 / : /spawned uWSGI worker 1 /);
  return peer(child, /(?:uwsgi socket 0 bound to (?:TCP|UNIX) address|uWSGI http bound on) (\S+)/);
}

/** gunicorn on a port of its choice, or on a Unix socket. */
export async function startGunicorn(scope: Scope, commandLine: string | readonly string[], cwd = APPS): Promise<Peer> {
  const given = typeof commandLine === 'string' ? commandLine.split(' ') : commandLine;
  const child = launch(scope, { command: 'gunicorn', words: given, cwd, stopSignal: 'SIGTERM', stopStatus: 'any' });
  await child.line(/Booting worker with pid/);
  return peer(child, /Listening at: (?:http:\/\/|unix:)(\S+)/);
}

async function peer(child: Child, pattern: RegExp): Promise<Peer> {
  const [, address = ''] = await child.line(pattern);
  return {
    child,
    pid: child.pid,
    get log() {
      return child.log;
    },
    address: parseAddress(address),
  };
}
