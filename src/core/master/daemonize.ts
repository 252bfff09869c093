/**
 * `--daemonize FILE`: the server runs in a session of its own with its output in the file, and whoever started it gets the
 * prompt back when the server answers. uWSGI returns at once and says "success" even when the server then fails to start.
 *
 *     tsuwsgi -d FILE ──spawn, detached──▶ tsuwsgi (with the channel in its environment) ──ready | failed──▶ exit 0 | status
 */
import { type ChildProcess, spawn } from 'node:child_process';

/** Set for the process that becomes the daemon; it is told so, since its words say `--daemonize`, too. */
const MARK = 'TSUWSGI_DAEMON';

/** What the daemon tells the one that started it. */
export type DaemonReport = { readonly type: 'ready' } | { readonly type: 'failed'; readonly message: string; readonly status: number };

/** True in the process that is the daemon. Forgets the mark, which is none of the application's business. */
export function isDaemon(environment: NodeJS.ProcessEnv): boolean {
  const isMarked = environment[MARK] !== undefined;
  Reflect.deleteProperty(environment, MARK);
  return isMarked;
}

export interface DaemonLaunch {
  /** The interpreter and script that this process was started with. */
  readonly executable: readonly string[];
  readonly words: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly logFd: number;
}

/** Starts the daemon and waits for its first word. */
export async function startDaemon({
  executable: [program = '', ...script],
  words,
  environment,
  logFd,
}: DaemonLaunch): Promise<DaemonReport> {
  const child = spawn(program, [...script, ...words], {
    detached: true,
    env: { ...environment, [MARK]: '1' },
    stdio: ['ignore', logFd, logFd, 'ipc'],
  });
  const report = await firstWord(child);
  if (child.connected) child.disconnect();
  child.unref();
  return report;
}

function firstWord(child: ChildProcess): Promise<DaemonReport> {
  return new Promise((resolve) => {
    child.once('message', (report) => resolve(report as DaemonReport));
    child.once('error', (error) => resolve({ type: 'failed', message: error.message, status: 1 }));
    child.once('exit', (status, signal) =>
      resolve({ type: 'failed', message: `the server ended with ${signal ?? `status ${status}`}`, status: status ?? 1 }),
    );
  });
}

/** Tells the one that started this daemon how it went, and lets it go. */
export async function reportToStarter(report: DaemonReport): Promise<void> {
  if (process.send === undefined || !process.connected) return;
  await new Promise<void>((resolve) => process.send?.(report, undefined, {}, () => resolve()));
  process.disconnect();
}
