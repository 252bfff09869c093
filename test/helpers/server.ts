import { join } from 'node:path';
import { parseAddress, type Address } from './address.ts';
import { launch, type Child, type Ending, type Launch } from './child.ts';
import { APPS, ROOT } from './paths.ts';
import type { Scope } from './scope.ts';

/** The Node that runs the server: the one that runs the tests, unless `npm run test:node` names another. */
export const NODE = process.env['TSUWSGI_TEST_NODE'] ?? process.execPath;

/** The command that is under test. */
export const SERVER: readonly string[] = [NODE, join(ROOT, 'bin/run.js')];

/** With a master the end that was asked for is 0; without one it is 30, as uWSGI has it. */
const STOPPED = [0, 30];

/** What the start-up lines call an address. */
export type Door =
  | 'http'
  | 'http-socket'
  | 'http11-socket'
  | 'https'
  | 'https-socket'
  | 'http-to-https'
  | 'fastcgi-socket'
  | 'fastcgi-nph-socket'
  | 'scgi-socket'
  | 'scgi-nph-socket'
  | 'uwsgi'
  | 'stats';

export interface ServerOptions extends Partial<Pick<Launch, 'cwd' | 'env' | 'group' | 'stopSignal' | 'stopStatus'>> {
  /** What to start in place of SERVER, and what ends up as the server. */
  readonly command?: readonly string[];
}

/** A running server. */
export interface Server extends Pick<Child, 'pid' | 'ended' | 'line' | 'lines' | 'signal' | 'stop' | 'finished' | 'family'> {
  readonly log: string;
  /** The nth address of this kind that the server reported when it came up. */
  address(door: Door, nth?: number): Address;
  /** The process of the newest worker with this number. */
  workerPid(worker: number): number;
}

/** Starts the real binary and waits until it says that it is ready. */
export async function startServer(scope: Scope, commandLine: string | readonly string[], options: ServerOptions = {}): Promise<Server> {
  const child = launchServer(scope, commandLine, options);
  await child.line(/\bready: \d+ workers?\b/);
  return {
    pid: child.pid,
    ended: child.ended,
    get log() {
      return child.log;
    },
    line: child.line.bind(child),
    lines: child.lines.bind(child),
    signal: child.signal.bind(child),
    stop: child.stop.bind(child),
    finished: child.finished.bind(child),
    family: child.family.bind(child),
    address: (door, nth = 1) => addressOf(child, door, nth),
    workerPid: (worker) => workerPid(child, worker),
  };
}

/** Starts the real binary without waiting for anything. */
export function launchServer(scope: Scope, commandLine: string | readonly string[], options: ServerOptions = {}): Child {
  const { command: [command = '', ...first] = SERVER, ...rest } = options;
  return launch(scope, {
    cwd: APPS,
    stopSignal: 'SIGTERM',
    stopStatus: STOPPED,
    ...rest,
    command,
    words: [...first, ...wordsOf(commandLine)],
  });
}

/** What a command that ends by itself left behind. */
export interface Outcome extends Ending {
  readonly stdout: string;
  readonly stderr: string;
  /** Both, as they came. */
  readonly output: string;
}

/** Runs the real binary to its end. */
export async function runServer(scope: Scope, commandLine: string | readonly string[], options: ServerOptions = {}): Promise<Outcome> {
  const child = launchServer(scope, commandLine, options);
  const ending = await child.finished();
  return { ...ending, stdout: child.stdout, stderr: child.stderr, output: child.log };
}

function wordsOf(commandLine: string | readonly string[]): readonly string[] {
  return typeof commandLine === 'string' ? commandLine.split(' ').filter((word) => word !== '') : commandLine;
}

function addressOf(child: Child, door: Door, nth: number): Address {
  const text = child.lines(new RegExp(`(?:^|\\s)${door} on ([^\\s,]+)`))[nth - 1]?.[1];
  if (text === undefined) throw new Error(`no start-up line tells the address of ${door}:\n${child.log}`);
  return parseAddress(text);
}

function workerPid(child: Child, worker: number): number {
  const pid = child.lines(new RegExp(`worker ${String(worker)} \\(pid (\\d+)\\) serving`)).at(-1)?.[1];
  if (pid === undefined) throw new Error(`no start-up line tells the pid of worker ${String(worker)}:\n${child.log}`);
  return Number(pid);
}
