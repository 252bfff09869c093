/** What the hooks of the master can do. Those of the spawner and the workers do the same in python/tsuwsgi/hooks.py. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log, LogOutput } from '../log/log.ts';
import { parseAddress } from '../options/address.ts';
import type { HookAction } from '../options/hook.ts';
import { findAccounts } from './accounts.ts';

/** What the actions work with. */
export interface HookSurroundings {
  readonly log: Log;
  /** Where commands write to. */
  readonly output: LogOutput;
  /** The server's own, which `putenv` changes. */
  readonly environment: NodeJS.ProcessEnv;
  /** What the configuration sets on top of it. */
  readonly variables: NodeJS.ProcessEnv;
}

/** Does it, or throws an Error that says why it cannot be done. */
type Act = (around: HookSurroundings, ...words: string[]) => void | Promise<void>;

/** As long as uWSGI waits for what is not there yet. */
const WAIT_MS = 60_000;
const LOOK_MS = 100;

/** `exit` is missing: whoever runs the hooks ends the server. */
export const ACTIONS: Readonly<Record<Exclude<HookAction, 'exit'>, Act>> = {
  exec: execute,
  safeexec: (around, command) => execute(around, command).catch((error: unknown) => around.log.event((error as Error).message)),
  print: ({ log }, text) => log.line(text),
  log: ({ log }, text) => log.event(text),
  cd: (_, path) => process.chdir(path),
  chdir: (_, path) => process.chdir(path),
  mkdir: (_, path) => mkdirSync(path),
  create: (_, path) => writeFileSync(path, ''),
  creat: (_, path) => writeFileSync(path, ''),
  write: (_, path, text) => writeFileSync(path, text),
  writen: (_, path, text) => writeFileSync(path, `${text}\n`),
  append: (_, path, text) => appendFileSync(path, text),
  appendn: (_, path, text) => appendFileSync(path, `${text}\n`),
  writefifo: (_, path, text) => writeFifo(path, text),
  unlink: (_, path) => unlinkSync(path),
  chmod: (_, path, mode) => chmodSync(path, Number.parseInt(mode, 8)),
  sticky: (_, path) => chmodSync(path, (statSync(path).mode & 0o7777) | 0o1000),
  chown: (_, ...words) => changeOwner(words),
  chown2: (_, ...words) => changeOwner(words),
  putenv: ({ environment }, assignment) => putEnvironment(environment, assignment),
  wait_for_fs: (_, path) => waitFor(path, () => look(path) !== undefined),
  wait_for_file: (_, path) => waitFor(path, () => look(path)?.isFile() === true),
  wait_for_dir: (_, path) => waitFor(path, () => look(path)?.isDirectory() === true),
  wait_for_socket: (_, address) => waitFor(address, () => answers(address)),
};

/** Without blocking the master, which may have children by now. */
async function execute({ output, environment, variables }: HookSurroundings, command: string): Promise<void> {
  const shell = spawn('/bin/sh', ['-c', command], { env: { ...environment, ...variables }, stdio: ['ignore', output.fd, output.fd] });
  const [status, signal] = (await once(shell, 'exit')) as [number | null, NodeJS.Signals | null];
  if (signal !== null) throw new Error(`command "${command}" was ended by ${signal}`);
  if (status !== 0) throw new Error(`command "${command}" exited with non-zero code: ${status}`);
}

/** A FIFO that nobody reads is an error and no reason to wait. */
function writeFifo(path: string, text: string): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

function changeOwner([path = '', user, group]: readonly string[]): void {
  const { uid = 0, gid = 0 } = findAccounts(user, group);
  chownSync(path, uid, gid);
}

function putEnvironment(environment: NodeJS.ProcessEnv, assignment: string): void {
  const [name = '', ...value] = assignment.split('=');
  environment[name] = value.join('=');
}

async function waitFor(what: string, isThere: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!(await isThere())) {
    if (performance.now() > deadline) throw new Error(`${what} is not there after ${WAIT_MS / 1000} seconds`);
    await pause(LOOK_MS);
  }
}

function look(path: string): ReturnType<typeof statSync> {
  return statSync(path, { throwIfNoEntry: false });
}

async function answers(text: string): Promise<boolean> {
  const socket = connect(target(text));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Nobody listens there yet.
    return false;
  } finally {
    socket.destroy();
  }
}

function target(text: string): { path: string } | { host: string; port: number } {
  const address = parseAddress(text);
  if (address.kind === 'tcp') return { host: address.host, port: address.port };
  return { path: address.kind === 'abstract' ? `\0${address.name}` : text };
}
