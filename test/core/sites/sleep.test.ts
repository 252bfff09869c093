import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { ApplicationError } from '../../../src/core/errors/workers.ts';
import { Sleep } from '../../../src/core/sites/sleep.ts';
import { fakeClock } from '../../helpers/clock.ts';

const SIZE = { processes: 2, threads: 1, mercyMs: 1000, minLifetimeMs: 0 };

/** A server whose pool and gateway only note what they are told. `fate` is what becomes of the pool's next attempts. */
function server() {
  const said: string[] = [];
  const lines: string[] = [];
  const clock = fakeClock();
  const fate = { sleep: true, wake: true, prepare: true, isStopping: false };
  const note = (text: string, succeeds: boolean): Promise<void> => {
    said.push(text);
    return succeeds ? Promise.resolve() : Promise.reject(new ApplicationError(`no ${text}`));
  };
  const sleep = new Sleep({
    pool: {
      sleep: ({ processes }, waiting) => note(`sleep of ${processes}, who waits is ${waiting}`, fate.sleep),
      wake: () => note('wake', fate.wake),
      prepare: async (how) => {
        await note(`prepare ${how}`, fate.prepare);
        return { commit: () => note('commit', true), undo: () => void said.push('undo') };
      },
    },
    gateway: () => ({ watch: () => said.push('gateway watches'), refuse: (reason) => said.push(`gateway refuses: ${reason}`) }),
    size: () => SIZE,
    isStopping: () => fate.isStopping,
    now: clock.now,
    after: clock.after,
    log: { line: (text) => lines.push(text), event: (text) => lines.push(text) },
  });
  const heard = () => said.splice(0);
  /** Lets what is due, and all that follows from it at once, happen. */
  const pass = async (milliseconds: number) => {
    clock.advance(milliseconds);
    await settle();
  };
  const knock = async () => {
    sleep.knocked();
    await pass(0);
  };
  const wakeInVain = async () => {
    fate.wake = false;
    await knock();
    heard();
  };
  return { sleep, fate, lines, heard, pass, knock, wakeInVain };
}

async function asleep() {
  const made = server();
  await made.sleep.fallAsleep();
  made.heard();
  return made;
}

describe('falling asleep', () => {
  test('sends the workers away, then lets the gateway watch', async () => {
    const { sleep, heard } = server();
    assert.equal(await sleep.fallAsleep(), true);
    assert.deepEqual(heard(), ['sleep of 2, who waits is served', 'gateway watches']);
    assert.equal(sleep.isAsleep, true);
  });

  test('is nothing to one who sleeps', async () => {
    const { sleep, heard } = await asleep();
    assert.equal(await sleep.fallAsleep(), false);
    assert.deepEqual(heard(), []);
  });

  test('that fails leaves the server awake', async () => {
    const { sleep, fate, heard } = server();
    fate.sleep = false;
    await assert.rejects(sleep.fallAsleep(), { code: 'TSU_APPLICATION' });
    assert.deepEqual([sleep.isAsleep, heard()], [false, ['sleep of 2, who waits is served']]);
  });
});

describe('a knock', () => {
  test('wakes the server at once, and once for both doors', async () => {
    const { sleep, heard, knock, lines } = await asleep();
    sleep.knocked();
    await knock();
    assert.deepEqual([heard(), sleep.isAsleep], [['wake'], false]);
    assert.deepEqual(lines, ['a request: waking up', 'awake after 0.00 s']);
  });

  test('while the server falls asleep wakes it again', async () => {
    const { sleep, heard, knock } = server();
    const falling = sleep.fallAsleep();
    await knock();
    await falling;
    assert.deepEqual([heard().at(-1), sleep.isAsleep], ['wake', false]);
  });

  test('is nothing to a server that is awake', async () => {
    const { heard, knock } = server();
    await knock();
    assert.deepEqual(heard(), []);
  });

  test('while the server stops has all turned away, each time', async () => {
    const { fate, heard, knock } = await asleep();
    fate.isStopping = true;
    await knock();
    await knock();
    const once = ['gateway refuses: the server is stopping', 'gateway watches'];
    assert.deepEqual(heard(), [...once, ...once]);
  });
});

describe('a server that cannot wake up', () => {
  test('tries once for both doors, refuses who waits there, says why, and sleeps on', async () => {
    const { sleep, fate, heard, knock, lines } = await asleep();
    fate.wake = false;
    sleep.knocked();
    await knock();
    assert.deepEqual(heard(), [
      ...['wake', 'gateway refuses: the application could not wake up'],
      ...['sleep of 2, who waits is refused', 'gateway watches'],
    ]);
    assert.equal(sleep.isAsleep, true);
    assert.match(lines.at(-1) ?? '', /^the application could not wake up: no wake; who waits is refused/);
  });

  test('tries again at the next knock, ever later while it fails, and at once after it did not', async () => {
    const { fate, heard, pass, knock, wakeInVain, sleep } = await asleep();
    await wakeInVain();
    await wakeInVain();
    await knock();
    assert.deepEqual(heard(), [], 'not at once');
    await pass(99);
    assert.deepEqual(heard(), []);
    fate.wake = true;
    await pass(1);
    assert.deepEqual(heard(), ['wake']);
    await sleep.fallAsleep();
    await wakeInVain();
    fate.wake = true;
    await knock();
    assert.deepEqual(heard(), ['wake']);
  });

  test('tries at once after a reload, which may have brought the remedy', async () => {
    const { sleep, fate, heard, knock, wakeInVain } = await asleep();
    await wakeInVain();
    await wakeInVain();
    await (await sleep.prepare('together', SIZE)).commit();
    heard();
    fate.wake = true;
    await knock();
    assert.deepEqual(heard(), ['wake']);
  });

  test('because it is told to stop turns all away and does not sleep again', async () => {
    const { fate, heard, knock } = await asleep();
    fate.wake = false;
    const knocked = knock();
    fate.isStopping = true;
    await knocked;
    assert.deepEqual(heard(), ['wake', 'gateway refuses: the server is stopping', 'gateway watches']);
  });
});

describe('a reload', () => {
  const renew = async (sleep: Sleep, size = SIZE): Promise<void> => (await sleep.prepare('in-chain', size)).commit();

  test('of a site that sleeps leaves it asleep, with what is new', async () => {
    const { sleep, heard } = await asleep();
    await renew(sleep, { ...SIZE, processes: 5 });
    assert.deepEqual([heard(), sleep.isAsleep], [['sleep of 5, who waits is served', 'gateway watches'], true]);
  });

  test('that is undone lets it sleep with what was before', async () => {
    const { sleep, heard } = await asleep();
    const change = await sleep.prepare('together', { ...SIZE, processes: 5 });
    heard();
    change.undo();
    await settle();
    assert.deepEqual(heard(), ['sleep of 2, who waits is served', 'gateway watches']);
  });

  test('of one that is awake renews the workers', async () => {
    const { sleep, heard } = server();
    await renew(sleep);
    assert.deepEqual(heard(), ['prepare in-chain', 'commit']);
  });

  test('lets nobody fall asleep between its two steps, and everybody when it failed', async () => {
    const { sleep, fate, heard } = server();
    const change = await sleep.prepare('together', SIZE);
    const falling = sleep.fallAsleep();
    await settle();
    assert.deepEqual(heard(), ['prepare together']);
    change.undo();
    assert.equal(await falling, true);
    const waking = sleep.wake('test');
    await waking;
    fate.prepare = false;
    await assert.rejects(sleep.prepare('together', SIZE), { message: 'no prepare together' });
    assert.equal(await sleep.fallAsleep(), true);
  });
});

describe('when nobody looks at the direct sockets any more', () => {
  test('somebody does again, ever later while they get lost', async () => {
    const { sleep, heard, pass } = await asleep();
    sleep.watchLost('it was killed');
    await pass(0);
    assert.deepEqual(heard(), ['sleep of 2, who waits is served', 'gateway watches']);
    sleep.watchLost('it was killed');
    await pass(99);
    assert.deepEqual(heard(), []);
    await pass(1);
    assert.deepEqual(heard(), ['sleep of 2, who waits is served', 'gateway watches']);
  });

  test('and nobody can, it is tried until it succeeds', async () => {
    const { sleep, fate, heard, pass } = await asleep();
    fate.sleep = false;
    sleep.watchLost('it was killed');
    await pass(0);
    assert.deepEqual(heard(), ['sleep of 2, who waits is served']);
    fate.sleep = true;
    await pass(100);
    assert.deepEqual(heard(), ['sleep of 2, who waits is served', 'gateway watches']);
  });

  test('and a worker is there by then, nobody need', async () => {
    const { sleep, heard, pass, knock } = await asleep();
    await knock();
    heard();
    sleep.watchLost('it was killed');
    await pass(0);
    assert.deepEqual(heard(), []);
  });
});
