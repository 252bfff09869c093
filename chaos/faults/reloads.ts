/** Reloads: many, failing, disturbed, and with another configuration. */
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Part } from '../targets/contender.ts';
import type { Target } from '../targets/target.ts';
import { STANDSTILL_MS, type Fault } from './fault.ts';
import { sendSignal } from './signal.ts';

const STORM = 6;
const STORM_PAUSE_MS = 60;
/** So long after its beginning a reload is disturbed at most; it takes about as long. */
const DISTURBED_WITHIN_MS = 300;

export const RELOADS: readonly Fault[] = [
  { name: 'reload', claims: ['code'], cause: (target) => target.reload() },
  {
    name: 'six reloads within 0.4 s',
    claims: ['code'],
    cause: async (target) => {
      for (let nth = 0; nth < STORM; nth++) {
        target.child.signal('SIGHUP');
        await pause(STORM_PAUSE_MS);
      }
      await target.reload();
    },
  },
  {
    name: 'reload with code that cannot be imported, then with good code',
    claims: ['code'],
    cause: async (target) => {
      const trace = target.code.spoil();
      target.child.signal('SIGHUP');
      await target.eventually('an import of the new code', () => existsSync(trace));
      await pause(STANDSTILL_MS);
      target.code.mend();
      await target.reload();
    },
  },
  {
    name: 'reload, and kill -9 of a worker meanwhile',
    claims: ['code'],
    kills: 1,
    cause: async (target) => {
      await Promise.all([target.reload(), killSoon(target, 'worker')]);
    },
  },
  {
    // It fails where the new spawner was hit: then the next one must succeed.
    name: 'reload, kill -9 of a spawner meanwhile, and another reload',
    needs: ['spawner'],
    claims: ['code'],
    cause: async (target) => {
      target.code.renew();
      target.child.signal('SIGHUP');
      await killSoon(target, 'spawner');
      await target.reload();
    },
  },
  {
    name: 'chain reload',
    needs: ['chain reload'],
    stage: 'a chain reload',
    claims: ['code', 'log'],
    cause: chainReload,
  },
  {
    name: 'chain reload, kill -9 of a worker meanwhile, and another chain reload',
    needs: ['chain reload'],
    stage: 'a chain reload',
    claims: ['code', 'log'],
    kills: 1,
    cause: async (target) => {
      await Promise.all([chainReload(target), killSoon(target, 'worker')]);
      await chainReload(target);
    },
  },
  {
    name: 'reload with one more address and two threads, and back',
    claims: ['code'],
    threads: 2,
    cause: async (target) => {
      const [address, another] = await target.withAnotherAddress();
      await target.reconfigure({ addresses: [address, another], threads: 2 });
      await target.eventually(`an answer at ${another}`, () => target.isServed(another));
      await target.reconfigure({});
      await target.eventually(`the end of ${another}`, async () => !(await target.isServed(another)));
    },
  },
];

async function chainReload(target: Target): Promise<void> {
  const version = target.code.renew();
  await target.order('chain reload');
  await target.answers(version);
}

async function killSoon(target: Target, part: Part): Promise<void> {
  await pause(target.random() * DISTURBED_WITHIN_MS);
  sendSignal(await target.oneOf(part), 'SIGKILL');
}
