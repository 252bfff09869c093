/** Servers of others that tell nobody when they listen: whoever answers is ready. */
import { freePort } from '../test/helpers/address.ts';
import { launch } from '../test/helpers/child.ts';
import { eventually } from '../test/helpers/eventually.ts';
import { fetchOnce } from '../test/helpers/http.ts';
import { APPS, PYTHON } from '../test/helpers/paths.ts';
import { PEERS } from '../scripts/requirements.js';
import type { Scope } from '../test/helpers/scope.ts';
import type { Started } from './servers.ts';

const START_DEADLINE_MS = 20_000;

/** bjoern has one process and one thread; who wants two forks, as its own documentation does. */
const BJOERN = `
import os, sys
import bjoern
from hello import application

bjoern.listen(application, "127.0.0.1", int(sys.argv[1]))
os.fork()
bjoern.run()
`;

/** One process, since it knows no more, of four threads, as it has by default. */
export async function startWaitress(scope: Scope): Promise<Started> {
  return startPython(scope, (port) => ['-m', 'waitress', '--listen', `127.0.0.1:${port}`, 'hello:application']);
}

export async function startGranian(scope: Scope): Promise<Started> {
  const words = '-m granian --interface wsgi --http 1 --no-ws --workers 2 --blocking-threads 1'.split(' ');
  return startPython(scope, (port) => [...words, '--port', port, 'hello:application']);
}

export async function startBjoern(scope: Scope): Promise<Started> {
  return startPython(scope, (port) => ['-c', BJOERN, port]);
}

async function startPython(scope: Scope, words: (port: string) => readonly string[]): Promise<Started> {
  return startPeer(scope, PYTHON, words);
}

/** Any program that listens on the port that is among its words. */
export async function startPeer(scope: Scope, command: string, words: (port: string) => readonly string[]): Promise<Started> {
  const address = { host: '127.0.0.1', port: await freePort() };
  const child = launch(scope, {
    command,
    words: words(String(address.port)),
    cwd: APPS,
    env: { PYTHONPATH: PEERS },
    stopSignal: 'SIGKILL',
    stopStatus: 'any',
  });
  const isThere = async (): Promise<boolean> => {
    if (child.hasEnded) throw new Error(`${String(child)} ended:\n${child.log}`);
    return fetchOnce(address, '/').then(
      () => true,
      () => false,
    );
  };
  await eventually(`${String(child)} answers`, isThere, START_DEADLINE_MS);
  return { pid: child.pid, address };
}
