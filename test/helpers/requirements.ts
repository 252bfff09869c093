import { spawnSync } from 'node:child_process';
import { missing, nameSources } from '../../scripts/requirements.js';

/** A reason to skip what needs another user beside ours. */
export const NOT_ROOT = process.getuid?.() === 0 ? false : 'needs root, to act as another user';

/** A reason to skip a test whose programs this machine lacks, or false. With CI=true nothing may be skipped. */
export function requires(...names: string[]): string | false {
  const absent = missing(names);
  return absent.length === 0 ? false : `needs ${nameSources(absent)}`;
}

/** A reason to skip what needs a process 1 of its own, as a container has it. */
export const NO_CONTAINER =
  spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0 ? false : 'needs the right to make PID namespaces';
