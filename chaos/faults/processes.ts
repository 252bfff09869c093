/** Processes that are killed, and processes that stand still. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Ability, Part } from '../targets/contender.ts';
import type { Target } from '../targets/target.ts';
import { STANDSTILL_MS, type Fault } from './fault.ts';
import { sendSignal } from './signal.ts';

export const PROCESSES: readonly Fault[] = [
  { ...killOf('worker'), kills: 1 },
  { ...killOf('spawner', 'spawner'), upsets: ['code'] },
  { ...killOf('gateway', 'gateway'), cutsClients: true },
  standstillOf('worker', (target) => target.oneOf('worker')),
  standstillOf('spawner', (target) => target.oneOf('spawner'), 'spawner'),
  standstillOf('gateway', (target) => target.oneOf('gateway'), 'gateway'),
  standstillOf('master', (target) => Promise.resolve(target.pid)),
];

function killOf(part: Part, ...needs: Ability[]): Fault {
  return {
    name: `kill -9 of a ${part}`,
    needs,
    cause: async (target) => {
      sendSignal(await target.oneOf(part), 'SIGKILL');
      await target.serves();
    },
  };
}

function standstillOf(what: string, pidIn: (target: Target) => Promise<number>, ...needs: Ability[]): Fault {
  return {
    name: `SIGSTOP of a ${what} for 0.7 s`,
    needs,
    cause: async (target) => {
      const pid = await pidIn(target);
      sendSignal(pid, 'SIGSTOP');
      await pause(STANDSTILL_MS);
      sendSignal(pid, 'SIGCONT');
    },
  };
}
