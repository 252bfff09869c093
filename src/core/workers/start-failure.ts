/** Why a Python did not come up, where the file system can tell. Looked up after it has failed, as the user that it was to run as. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { homeOf } from '../plan/virtualenv.ts';
import { foldersOnTheWay } from '../util/way.ts';

/** Numbers of e_machine in elf(5), by the names that uname gives. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'i686',
  21: 'ppc64',
  22: 's390x',
  40: 'armv7l',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
};

/**
 * A clause to put behind what happened, or undefined where nothing is found.
 *
 * @param prefix what a program is started through to run as the user of the server; empty where that is who we are
 */
export function startFailure(interpreter: string, prefix: readonly string[]): string | undefined {
  return closedWay(interpreter, prefix) ?? lostHome(interpreter) ?? otherMachine(interpreter);
}

function closedWay(interpreter: string, prefix: readonly string[]): string | undefined {
  const closed = foldersOnTheWay(interpreter).find(
    (folder) => existsSync(folder) && run([...prefix, 'test', '-x', folder])?.isFine === false,
  );
  if (closed === undefined) return undefined;
  const user = run([...prefix, 'id', '-un'])?.output ?? 'of the server';
  return `the user ${user} cannot enter ${closed}, which is on the way to it; let that user in (chmod o+x ${closed}), or use a Python elsewhere`;
}

/** Undefined where the program cannot be started, as without a descriptor for its output: nothing is known then. */
function run([program = '', ...words]: readonly string[]): { isFine: boolean; output: string } | undefined {
  const { status, stdout, error } = spawnSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return error === undefined ? { isFine: status === 0, output: stdout.trim() } : undefined;
}

/** A virtualenv with a copy of the interpreter, whose library is elsewhere. */
function lostHome(interpreter: string): string | undefined {
  const home = homeOf(interpreter);
  if (home === undefined || existsSync(home)) return undefined;
  return `the Python that its virtualenv was made with, in ${home}, is gone; make it anew with python3 -m venv --clear`;
}

function otherMachine(interpreter: string): string | undefined {
  const [theirs, ours] = [machineOf(interpreter), machineOf(process.execPath)];
  if (theirs === undefined || theirs === ours) return undefined;
  return `it is a program for ${MACHINES[theirs] ?? 'another machine'}, and this machine is ${MACHINES[ours ?? 0] ?? 'another one'}`;
}

/** Undefined for what is no program of this system. */
function machineOf(path: string): number | undefined {
  try {
    const fd = openSync(path, 'r');
    const head = Buffer.alloc(20);
    const length = readSync(fd, head, 0, head.length, 0);
    closeSync(fd);
    return length === head.length && head.toString('latin1', 0, 4) === '\x7fELF' ? head.readUInt16LE(18) : undefined;
  } catch {
    return undefined; // closed to us, or gone meanwhile
  }
}
