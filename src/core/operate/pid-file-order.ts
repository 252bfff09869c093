import { findByName } from '../options/names.ts';
import type { OptionEntry } from '../options/entry.ts';
import { serverOfPidFile } from './find-server.ts';
import { giveOrder } from './give-order.ts';

/** What uWSGI's own options ask a running server for: `--reload PIDFILE` and the like. */
export interface PidFileOrder {
  readonly type: 'reload' | 'stop' | 'pause' | 'resume';
  readonly pidFile: string;
}

/** The first of these options, which like uWSGI's acts instead of everything else on the command line. */
export function pidFileOrder(entries: readonly OptionEntry[]): PidFileOrder | undefined {
  for (const { name, text } of entries) {
    const option = findByName(name);
    if (option === 'pause') return { type: name === 'resume' ? 'resume' : 'pause', pidFile: text };
    if (option === 'reload' || option === 'stop') return { type: option, pidFile: text };
  }
  return undefined;
}

/**
 * Passes the order on and does not wait for what comes of it, as uWSGI does. Only a server of tsuwsgi gets the signal: in an old pid
 * file there may be the pid of anything by now.
 *
 * @throws TsuwsgiError when there is no such server
 */
export async function passOn({ type, pidFile }: PidFileOrder): Promise<void> {
  const server = serverOfPidFile(pidFile);
  // One signal means both pausing and resuming: here the operator has said which.
  if (type === 'pause' || type === 'resume') await giveOrder(server, { type });
  else process.kill(server.pid, type === 'reload' ? 'SIGHUP' : 'SIGINT');
}
