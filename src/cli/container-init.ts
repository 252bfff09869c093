/**
 * As process 1 of a container, the server runs below an init that reaps orphans: python/tsuwsgi/init.py says why. Node cannot become
 * another program, so this process stays as the first one, passes signals on and ends as the server does.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const INIT = fileURLToPath(new URL('../../python/tsuwsgi/init.py', import.meta.url));
const PASSED_ON = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGTSTP', 'SIGCONT', 'SIGWINCH'] as const;

/** Whether orphans would come to this process. Sockets that systemd gave to it would not come through to another one. */
export function needsInit({ pid, env }: Pick<NodeJS.Process, 'pid' | 'env'>): boolean {
  return pid === 1 && env['LISTEN_FDS'] === undefined;
}

/**
 * Runs this command below an init.
 *
 * @param command a program, by its path, and its words
 * @returns the exit status, 128 and the signal where one ended it; undefined when there is no Python to run the init
 */
export function runUnderInit(command: readonly string[]): Promise<number | undefined> {
  // A session of its own: Ctrl-C at the container's terminal reaches this process alone, and the server once.
  const init = spawn('python3', ['-I', '-S', INIT, ...command], { detached: true, stdio: 'inherit' });
  for (const signal of PASSED_ON) process.on(signal, () => init.kill(signal));
  return new Promise((resolve) => {
    init.once('error', () => {
      for (const signal of PASSED_ON) process.removeAllListeners(signal);
      resolve(undefined);
    });
    init.once('exit', (status, signal) => resolve(signal === null ? (status ?? 1) : 128 + constants.signals[signal]));
  });
}
