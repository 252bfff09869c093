/** What can go wrong with a server that runs, done to it on purpose. Each one is over, and mended, when its promise is settled. */
import { setTimeout as pause } from 'node:timers/promises';
import { ByteStream } from '../test/helpers/byte-stream.ts';
import type { Target } from './targets.ts';

export interface Fault {
  readonly name: string;
  /** Requests that may end without a good answer: those that ran in what was killed. */
  readonly mayLose: number;
  readonly cause: (target: Target) => Promise<void>;
}

/** How long a worker stands still: longer than any request, shorter than any deadline. */
const STANDSTILL_MS = 700;
const STORM = 6;
const STORM_PAUSE_MS = 60;
const SLOW_CLIENTS = 100;

/** Faults that every server with a master can be given. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'kill -9 of a worker',
    mayLose: 1,
    cause: async (target) => {
      kill(target.workers(), target.random);
      await target.serves();
    },
  },
  {
    name: 'SIGSTOP of a worker for 0.7 s',
    mayLose: 0,
    cause: async (target) => {
      const pid = oneOf(target.workers(), target.random);
      signal(pid, 'SIGSTOP');
      await pause(STANDSTILL_MS);
      signal(pid, 'SIGCONT');
    },
  },
  { name: 'reload', mayLose: 0, cause: (target) => target.reload() },
  {
    name: 'six reloads within 0.4 s',
    mayLose: 0,
    cause: async (target) => {
      for (let nth = 0; nth < STORM; nth++) {
        signal(target.pid, 'SIGHUP');
        await pause(STORM_PAUSE_MS);
      }
      await target.reload();
    },
  },
  {
    name: 'reload with a syntax error, then without',
    mayLose: 0,
    cause: async (target) => {
      target.breakCode();
      signal(target.pid, 'SIGHUP');
      await pause(STANDSTILL_MS);
      target.mendCode();
      await target.reload();
    },
  },
  {
    name: '100 clients that stop in the middle of a request',
    mayLose: 0,
    cause: async (target) => {
      const streams = await Promise.all(Array.from({ length: SLOW_CLIENTS }, () => ByteStream.open(target.address)));
      for (const stream of streams) stream.write(Buffer.from('GET / HTTP/1.1\r\nHost: slow'));
      await pause(STANDSTILL_MS);
      for (const stream of streams) stream.close();
    },
  },
];

/** Faults of what only tsuwsgi is made of. Clients of a killed gateway lose their connections: each runs one request at a time. */
export function faultsOfItsOwn(clients: number): readonly Fault[] {
  return [
    {
      name: 'kill -9 of the spawner',
      mayLose: 0,
      cause: async (target) => {
        kill(target.family('spawner'), target.random);
        await target.serves();
      },
    },
    {
      name: 'kill -9 of the gateway',
      mayLose: clients,
      cause: async (target) => {
        kill(target.family('gateway'), target.random);
        await target.serves();
      },
    },
  ];
}

function kill(pids: readonly number[], random: () => number): void {
  signal(oneOf(pids, random), 'SIGKILL');
}

function oneOf(pids: readonly number[], random: () => number): number {
  const pid = pids[Math.floor(random() * pids.length)];
  if (pid === undefined) throw new Error('there is no process of that kind');
  return pid;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just been replaced, which is what reloads are for.
  }
}
