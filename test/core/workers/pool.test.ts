import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import type { ControlCommand, ControlReport } from '../../../src/core/wire/control.ts';
import { Pool, type PoolPorts, type PoolSettings } from '../../../src/core/workers/pool.ts';
import { Seats } from '../../../src/core/workers/seats.ts';
import type { SpawnerListener } from '../../../src/core/workers/spawner.ts';
import { fakeClock } from '../../helpers/clock.ts';

const MERCY_MS = 60_000;
const SIZE = { processes: 2, threads: 1, mercyMs: MERCY_MS, minLifetimeMs: 0 };

/** A pool whose processes are played by the test: `tell` speaks for a spawner or a worker, `said` is what they were told. */
function makePool({
  slots = 6,
  hasDirectDoor = true,
  ...settings
}: Partial<PoolSettings> & { slots?: number; hasDirectDoor?: boolean } = {}) {
  const clock = fakeClock();
  const said: string[] = [];
  const lines: string[] = [];
  /** Why workers were replaced. */
  const replaced: string[] = [];
  /** The generations whose spawners were told to import the application. */
  const loads: number[] = [];
  const spawners = new Map<number, SpawnerListener>();
  let pids = 100;
  const channels = new Map<number, { onReport: (report: ControlReport) => void; onEnd: () => void }>();

  let generations = 0;
  const exited = new Set<number>();
  const ports: PoolPorts = {
    seats: new Seats(slots),
    numberGeneration: () => ++generations,
    idOf: (rank) => rank,
    hasDirectDoor: () => hasDirectDoor,
    launch(generation, listener) {
      spawners.set(generation, {
        ...listener,
        onExit: (reason, status) => {
          exited.add(generation);
          listener.onExit(reason, status);
        },
      });
      said.push(`launch ${generation}`);
      return {
        get hasExited() {
          return exited.has(generation);
        },
        pid: 10 + generation,
        attach: () => undefined,
        load: () => loads.push(generation),
        watch: () => said.push(`spawner ${generation} watches`),
        refuse: () => said.push(`spawner ${generation} refuses`),
        fork(seat, worker) {
          said.push(`fork ${worker}`);
          born(generation, seat, worker);
        },
        reopenLog: (path) => said.push(`spawner ${generation} reopens ${path}`),
        stop: () => said.push(`stop spawner ${generation}`),
      };
    },
    retireAtGateway: (seat) => said.push(`gateway retires seat ${seat}`),
    signal: (pid, signal) => said.push(`${signal} ${pid}`),
    seated: () => undefined,
    left: () => undefined,
    replaced: (reason) => replaced.push(reason),
    knocked: () => lines.push('knocked'),
    watchLost: (reason) => lines.push(`watch lost: ${reason}`),
    reloadAsked: (because) => lines.push(`reload asked: ${because}`),
    stopAsked: (because) => lines.push(`stop asked: ${because}`),
    told: ({ id }, { type, uri }) => lines.push(`worker ${id} told ${type} of ${uri}`),
    registered: () => undefined,
    raised: () => undefined,
    serves: () => undefined,
    describeWorkers: () => ({ workers: [{ id: 1 }], metrics: {}, queued: 3 }),
    loaded: () => undefined,
    now: clock.now,
    after: clock.after,
    log: { line: (text) => lines.push(text), event: (text) => lines.push(text) },
  };
  const pool = new Pool({ processes: 2, threads: 1, mercyMs: MERCY_MS, minLifetimeMs: 0, supervise: true, ...settings }, ports);

  function born(generation: number, seat: number, worker: number): void {
    const pid = ++pids;
    const channel = {
      onReport: (_: ControlReport) => undefined,
      onEnd: () => undefined,
      send: (command: ControlCommand) => {
        said.push(`${command.type} ${pid}`);
        if (command.type === 'retire') queueMicrotask(() => channel.onReport({ type: 'retired' }));
      },
      close: () => undefined,
    };
    channels.set(pid, channel);
    // Its process answers only after the fork has returned.
    queueMicrotask(() => {
      spawners.get(generation)?.onReport({ type: 'forked', seat, pid });
      pool.welcome({ type: 'hello', role: 'worker', generation, pid, seat, worker }, channel);
    });
  }

  const load = async (generation: number) => {
    spawners.get(generation)?.onReport({ type: 'loaded', seconds: 0.1, names: ['app'], times: [0.1], signals: [] });
    await settle();
  };
  const report = (pid: number, what: ControlReport) => channels.get(pid)?.onReport(what);
  const die = async (pid: number, how: { status?: number; signal?: number }) => {
    const worker = pool.workers.find((one) => one.pid === pid);
    assert.ok(worker, `there is a worker with pid ${pid}`);
    const { status = null, signal = null } = how;
    spawners.get(worker.generation)?.onReport({ type: 'exited', seat: worker.seat, pid, status, signal });
    await settle();
  };
  const pidsNow = () => pool.workers.map(({ pid }) => pid);
  const states = () => pool.workers.map(({ id, state }) => `${id} ${state}`);
  const heard = () => said.splice(0);

  /** Brings the next generation up to where it serves. */
  const comeUp = async (generation: number) => {
    const renewed = pool.renew();
    await load(generation);
    for (const worker of pool.workers) if (worker.generation === generation) report(worker.pid ?? 0, { type: 'ready' });
    await renewed;
    await settle();
  };

  /** All its workers go to sleep; the spawner of this generation is the one that stays. */
  const fallAsleep = async (generation: number, waiting?: 'refused') => {
    const asleep = pool.sleep(SIZE, waiting);
    await settle();
    spawners.get(generation)?.onReport({ type: 'listening' });
    await asleep;
  };
  return { pool, clock, said, heard, lines, replaced, loads, spawners, load, report, die, pidsNow, states, comeUp, fallAsleep };
}

test('what the application of a worker asks for reaches the server', async () => {
  const { heard, lines, report, comeUp } = makePool();
  await comeUp(1);
  heard();
  report(102, { type: 'stop', because: 'worker 2 (uwsgi.stop())' });
  report(101, { type: 'workers' });
  assert.ok(lines.includes('stop asked: worker 2 (uwsgi.stop())'));
  assert.deepEqual(heard(), ['workers 101']);
});

test('a warm-up that costs its process the life is told, with the stack of one that hangs', async () => {
  const { pool, heard, lines, spawners, comeUp } = makePool();
  await comeUp(1);
  const renewed = pool.renew();
  await settle();
  heard();
  spawners.get(2)?.onStuck(12);
  assert.deepEqual(heard(), ['SIGUSR2 12']);
  assert.match(lines.at(-1) ?? '', /a warm-up cannot be interrupted: killing pid 12; its Python stack:/);
  spawners.get(2)?.onWarmupDied('the spawner was ended by SIGKILL');
  assert.match(lines.at(-1) ?? '', /the spawner was ended by SIGKILL in a warm-up: the application is loaded again without warm-ups/);
  void pool.stop('now');
  await assert.rejects(renewed);
});

describe('new code that is not ready after a minute', () => {
  test('has its stack shown, and how to give it up', async () => {
    const { pool, clock, heard, lines, comeUp } = makePool();
    await comeUp(1);
    heard();
    const renewed = pool.renew();
    await settle();
    clock.advance(59_999);
    assert.deepEqual(heard(), ['launch 2']);
    clock.advance(1);
    assert.deepEqual(heard(), ['SIGUSR2 12']);
    assert.match(lines.at(-1) ?? '', /not ready after 60 s; to give it up: kill -9 12;/);
    void pool.stop('now');
    await assert.rejects(renewed);
  });

  test('is the application itself when it is the first, or wakes up', async () => {
    const { pool, clock, heard, lines } = makePool();
    const first = pool.renew();
    await settle();
    clock.advance(60_000);
    assert.deepEqual(heard(), ['launch 1', 'SIGUSR2 11']);
    assert.match(lines.at(-1) ?? '', /^the application is not ready after 60 s; to give it up: kill -9 11;/);
    void pool.stop('now');
    await assert.rejects(first);
  });

  test('is not mentioned once it was', async () => {
    const other = makePool();
    await other.comeUp(1);
    await other.comeUp(2);
    other.heard();
    other.clock.advance(60_000);
    assert.ok(!other.heard().some((said) => said.startsWith('SIGUSR2')));
  });
});

describe('a reload is asked for', () => {
  const edit = { type: 'reload', because: 'app.py was changed', editedAt: '5' } as const;
  const asked = (lines: readonly string[]) => lines.filter((line) => line.startsWith('reload asked'));

  test('once by an edit, however many workers notice it, and again by the next one', async () => {
    const { lines, report, comeUp } = makePool();
    await comeUp(1);
    for (const pid of [101, 102, 101]) report(pid, edit);
    assert.equal(asked(lines).length, 1);
    report(102, { ...edit, editedAt: '6' });
    assert.equal(asked(lines).length, 2);
  });

  test('by the application of a worker that is on its way out, and not by an edit that it notices', async () => {
    const { lines, report, comeUp } = makePool();
    await comeUp(1);
    await comeUp(2);
    report(101, edit);
    assert.equal(asked(lines).length, 0);
    report(101, { type: 'reload', because: 'worker 1 (uwsgi.reload())' });
    assert.equal(asked(lines).length, 1);
  });
});

test('what a worker tells of its requests is passed on', async () => {
  const { lines, report, comeUp } = makePool();
  await comeUp(1);
  const which = { core: 0, application: '', method: 'GET', uri: '/x' };
  report(102, { type: 'exception', ...which, at: 1, error: 'ValueError', traceback: '', untold: 0 });
  report(101, { type: 'shown', ...which, startedAt: 5, stack: '' });
  assert.deepEqual(lines.slice(-2), ['worker 2 told exception of /x', 'worker 1 told shown of /x']);
});

describe('a generation', () => {
  test('serves only when all its workers are ready', async () => {
    const { pool, heard, load, report } = makePool();
    const renewed = pool.renew();
    await load(1);
    report(101, { type: 'ready' });
    await settle();
    assert.deepEqual(heard(), ['launch 1', 'fork 1', 'fork 2']);
    report(102, { type: 'ready' });
    await renewed;
    assert.deepEqual(heard(), ['serve 101', 'serve 102']);
  });

  test('takes over from the one before it, whose workers are then retired and whose spawner goes last', async () => {
    const { heard, comeUp, die } = makePool();
    await comeUp(1);
    heard();
    await comeUp(2);
    assert.deepEqual(heard(), [
      ...['launch 2', 'fork 1', 'fork 2', 'serve 103', 'serve 104'],
      ...['gateway retires seat 0', 'retire 101', 'gateway retires seat 1', 'retire 102'],
    ]);
    await die(101, { status: 0 });
    assert.deepEqual(heard(), []);
    await die(102, { status: 0 });
    assert.deepEqual(heard(), ['stop spawner 1']);
  });

  test('whose application cannot be imported leaves the old one serving', async () => {
    const { pool, spawners, states, comeUp } = makePool();
    await comeUp(1);
    const renewed = pool.renew();
    spawners.get(2)?.onReport({ type: 'failed', reason: 'there is no module "app"', status: 22 });
    await assert.rejects(renewed, { code: 'TSU_APPLICATION', exitStatus: 22, message: 'there is no module "app"' });
    assert.deepEqual(states(), ['1 serving', '2 serving']);
  });

  test('whose workers keep dying before they are ready is given up', async () => {
    const { pool, clock, load, die, pidsNow } = makePool({ processes: 1 });
    const renewed = pool.renew();
    const outcome = assert.rejects(renewed, { message: /before they can serve.*ended with status 7/ });
    await load(1);
    for (let death = 0; death < 4; death++) {
      await die(pidsNow()[0] ?? 0, { status: 7 });
      clock.advance(5000);
      await settle();
    }
    await outcome;
  });

  test('that is asked for while its spawner cannot start fails with the reason', async () => {
    const { pool, spawners } = makePool();
    const renewed = pool.renew();
    spawners.get(1)?.onExit('/usr/bin/python9 cannot be started', 1);
    await assert.rejects(renewed, { message: /python9 cannot be started/ });
  });
});

describe('a chain reload', () => {
  /** Generation 1 serves with workers 101 and 102; generation 2 has loaded the application. */
  const begin = async () => {
    const made = makePool();
    await made.comeUp(1);
    made.heard();
    const renewed = made.pool.renew('in-chain');
    renewed.catch(() => undefined);
    await made.load(2);
    return { ...made, renewed };
  };

  test('forks the next worker when the one before it serves', async () => {
    const { heard, report, renewed, die } = await begin();
    assert.deepEqual(heard(), ['launch 2', 'fork 1']);
    report(103, { type: 'ready' });
    await settle();
    assert.deepEqual(heard(), ['serve 103', 'gateway retires seat 0', 'retire 101', 'fork 2']);
    await die(101, { status: 0 });
    report(104, { type: 'ready' });
    await renewed;
    await die(102, { status: 0 });
    assert.deepEqual(heard(), ['serve 104', 'gateway retires seat 1', 'retire 102', 'stop spawner 1']);
  });

  test('that fails halfway gives the ids back to the old generation', async () => {
    const { heard, report, renewed, spawners, states, die } = await begin();
    report(103, { type: 'ready' });
    await die(101, { status: 0 });
    heard();
    spawners.get(2)?.onReport({ type: 'failed', reason: 'broken', status: 22 });
    await assert.rejects(renewed, { message: 'broken' });
    await settle();
    assert.deepEqual(heard(), ['stop 104', 'fork 1']);
    assert.deepEqual(states(), ['2 serving', '1 serving', '2 stopping', '1 starting'], 'the new worker 1 serves until an old one does');
    report(105, { type: 'ready' });
    assert.deepEqual(heard(), ['serve 105', 'gateway retires seat 2', 'retire 103']);
  });

  test('replaces what dies meanwhile, each from its own generation', async () => {
    const { report, states, die } = await begin();
    await die(102, { signal: 9 });
    report(104, { type: 'ready' });
    assert.deepEqual(states(), ['1 serving', '1 starting', '2 serving']);
    report(103, { type: 'ready' });
    await die(101, { status: 0 });
    await die(103, { signal: 9 });
    assert.deepEqual(states(), ['2 serving', '2 starting', '1 starting']);
  });

  test('an old worker that comes up meanwhile does not send its successor away', async () => {
    const { report, states, die } = await begin();
    await die(101, { signal: 9 });
    report(104, { type: 'ready' });
    assert.deepEqual(states(), ['2 serving', '1 starting', '1 serving']);
  });
});

describe('a new generation', () => {
  test('may have another number of threads', async () => {
    const { pool, load, report, lines } = makePool({ processes: 1, slots: 12 });
    const renewed = pool.renew('together', { processes: 1, threads: 4, mercyMs: 1, minLifetimeMs: 0 });
    await load(1);
    report(101, { type: 'ready' });
    await renewed;
    assert.match(lines.at(-1) ?? '', /serving, 4 threads/);
  });

  test('of more threads than there is room for is refused', async () => {
    const { pool, heard } = makePool();
    await assert.rejects(pool.renew('together', { processes: 2, threads: 2, mercyMs: 1, minLifetimeMs: 0 }), { code: 'TSU_NO_ROOM' });
    assert.deepEqual(heard(), []);
  });

  test('may have another number of workers, from its beginning on', async () => {
    const { pool, comeUp, load, heard, report } = makePool({ slots: 12 });
    await comeUp(1);
    heard();
    const renewed = pool.renew('together', { processes: 3, threads: 1, mercyMs: MERCY_MS, minLifetimeMs: 0 });
    await load(2);
    assert.deepEqual([heard(), pool.wanted], [['launch 2', 'fork 1', 'fork 2', 'fork 3'], 2]);
    for (const pid of [103, 104, 105]) report(pid, { type: 'ready' });
    await renewed;
    assert.equal(pool.wanted, 3);
  });

  test('waits for the one before it to be there', async () => {
    const { pool, heard, load, report } = makePool({ processes: 1 });
    const first = pool.renew();
    const second = pool.renew();
    second.catch(() => undefined);
    await load(1);
    assert.deepEqual(heard(), ['launch 1', 'fork 1']);
    report(101, { type: 'ready' });
    await first;
    await settle();
    assert.deepEqual(heard(), ['serve 101', 'launch 2']);
  });
});

describe('a sleep', () => {
  test('begins when somebody looks at the doors: then the workers go, and last the spawner that imported the application', async () => {
    const { pool, heard, comeUp, spawners, die, states } = makePool();
    await comeUp(1);
    heard();
    const asleep = pool.sleep(SIZE);
    await settle();
    assert.deepEqual([heard(), states()], [['launch 2'], ['1 serving', '2 serving']], 'they serve until then');
    spawners.get(2)?.onReport({ type: 'listening' });
    await asleep;
    assert.deepEqual(heard(), [...['gateway retires seat 0', 'retire 101', 'gateway retires seat 1', 'retire 102'], 'spawner 2 watches']);
    await die(101, { status: 0 });
    await die(102, { status: 0 });
    assert.deepEqual([heard(), states()], [['stop spawner 1'], []]);
  });

  test('without anybody to look at the doors does not begin', async () => {
    const { pool, heard, comeUp, spawners, states } = makePool();
    await comeUp(1);
    heard();
    const asleep = pool.sleep(SIZE);
    await settle();
    spawners.get(2)?.onExit('/usr/bin/python9 cannot be started', 1);
    await assert.rejects(asleep, { code: 'TSU_APPLICATION', message: /python9/ });
    assert.deepEqual(
      [heard(), states()],
      [
        ['launch 2', 'stop spawner 2'],
        ['1 serving', '2 serving'],
      ],
    );
  });

  test('ends with the first worker that is ready, from the spawner that was there', async () => {
    const { pool, heard, comeUp, fallAsleep, die, load, report, states, loads } = makePool();
    await comeUp(1);
    await fallAsleep(2);
    await die(101, { status: 0 });
    await die(102, { status: 0 });
    heard();
    assert.deepEqual(loads, [1]);
    const awake = pool.wake();
    await load(2);
    assert.deepEqual(
      [loads, heard()],
      [
        [1, 2],
        ['fork 1', 'fork 2'],
      ],
    );
    report(104, { type: 'ready' });
    await awake;
    assert.deepEqual(states(), ['1 starting', '2 serving']);
    report(103, { type: 'ready' });
    assert.deepEqual(
      [states(), heard()],
      [
        ['1 serving', '2 serving'],
        ['serve 104', 'serve 103'],
      ],
    );
  });

  test('that cannot end leaves no worker, and is begun anew with whoever waits refused', async () => {
    const { pool, heard, fallAsleep, spawners, states, lines } = makePool();
    await fallAsleep(1);
    const awake = pool.wake();
    spawners.get(1)?.onReport({ type: 'failed', reason: 'there is no module "app"', status: 22 });
    await assert.rejects(awake, { message: 'there is no module "app"' });
    spawners.get(1)?.onExit('the spawner ended with status 22', 22);
    await settle();
    assert.deepEqual([states(), lines, heard()], [[], [], ['launch 1', 'spawner 1 watches', 'stop spawner 1']], 'nobody recovers it');
    await fallAsleep(2, 'refused');
    assert.deepEqual(heard(), ['launch 2', 'spawner 2 refuses', 'spawner 2 watches']);
  });

  test('goes on with a new spawner, and another size, when it is asked for again', async () => {
    const { pool, heard, fallAsleep, load } = makePool();
    await fallAsleep(1);
    pool.scale(1);
    await fallAsleep(2);
    assert.deepEqual([heard(), pool.wanted], [['launch 1', 'spawner 1 watches', 'launch 2', 'stop spawner 1', 'spawner 2 watches'], 2]);
    void pool.wake();
    await load(2);
    assert.deepEqual(heard(), ['fork 1', 'fork 2']);
  });

  test('ends with the size that was asked for, whatever the load said while it began', async () => {
    const { pool, comeUp, spawners, load, heard } = makePool();
    await comeUp(1);
    const asleep = pool.sleep(SIZE);
    await settle();
    pool.scale(1);
    spawners.get(2)?.onReport({ type: 'listening' });
    await asleep;
    heard();
    void pool.wake();
    await load(2);
    assert.deepEqual(heard(), ['fork 1', 'fork 2']);
  });

  test('is disturbed by a knock, and told when nobody is left to knock', async () => {
    const { pool, fallAsleep, spawners, lines, load, report, pidsNow } = makePool({ processes: 1 });
    await fallAsleep(1);
    spawners.get(1)?.onReport({ type: 'knock' });
    spawners.get(1)?.onExit('the spawner was ended by SIGKILL', 1);
    assert.deepEqual(lines.splice(0), ['knocked', 'watch lost: the spawner was ended by SIGKILL']);
    const awake = pool.wake();
    await load(2);
    report(pidsNow()[0] ?? 0, { type: 'ready' });
    await awake;
    spawners.get(2)?.onReport({ type: 'knock' });
    assert.deepEqual(
      lines.filter((line) => line === 'knocked'),
      [],
      'awake, there is nothing to knock for',
    );
  });

  test('waits for a generation that comes up, and one that comes up waits for it', async () => {
    const { pool, heard, load, report, spawners } = makePool();
    const renewed = pool.renew();
    const asleep = pool.sleep(SIZE);
    await load(1);
    assert.deepEqual(heard(), ['launch 1', 'fork 1', 'fork 2']);
    report(101, { type: 'ready' });
    report(102, { type: 'ready' });
    await renewed;
    await settle();
    assert.deepEqual(heard(), ['serve 101', 'serve 102', 'launch 2']);
    const again = pool.renew();
    again.catch(() => undefined);
    spawners.get(2)?.onReport({ type: 'listening' });
    await asleep;
    await settle();
    assert.equal(heard().at(-1), 'launch 3');
  });

  test('is over at once when the server stops', async () => {
    const { pool, heard, fallAsleep, spawners, lines } = makePool();
    await fallAsleep(1);
    heard();
    await pool.stop('gracefully');
    spawners.get(1)?.onExit('the spawner was ended by SIGKILL', 1);
    assert.deepEqual([heard(), lines], [['stop spawner 1'], []]);
    await assert.rejects(pool.wake(), { code: 'TSU_STOPPING' });
  });
});

describe('scaling', () => {
  test('up forks more workers of the generation that serves', async () => {
    const { pool, heard, comeUp, report, states } = makePool({ slots: 9 });
    await comeUp(1);
    heard();
    assert.equal(pool.scale(3), 3);
    await settle();
    report(103, { type: 'ready' });
    assert.deepEqual(heard(), ['fork 3', 'serve 103']);
    assert.deepEqual(states(), ['1 serving', '2 serving', '3 serving']);
  });

  test('down lets those with the highest ids finish what they run', async () => {
    const { pool, heard, comeUp, die, states } = makePool();
    await comeUp(1);
    heard();
    assert.equal(pool.scale(1), 1);
    assert.deepEqual(heard(), ['gateway retires seat 1', 'retire 102']);
    await die(102, { status: 0 });
    assert.deepEqual([heard(), states()], [[], ['1 serving']]);
  });

  test('stays between one worker and what there is room for', () => {
    const { pool } = makePool({ slots: 12 });
    assert.deepEqual([pool.scale(0), pool.scale(99), pool.wanted], [1, 4, 4]);
  });

  test('down while a generation comes up does not keep it waiting for workers that are not wanted', async () => {
    const { pool, load, report, states } = makePool();
    const renewed = pool.renew();
    await load(1);
    report(101, { type: 'ready' });
    pool.scale(1);
    await renewed;
    assert.deepEqual(states().slice(0, 1), ['1 serving']);
  });

  test('the next generation has as many', async () => {
    const { pool, comeUp, heard } = makePool();
    await comeUp(1);
    pool.scale(1);
    heard();
    await comeUp(2);
    assert.deepEqual(
      heard().filter((line) => line.startsWith('fork')),
      ['fork 1'],
    );
  });
});

describe('a worker', () => {
  test('that dies is replaced at once', async () => {
    const { heard, comeUp, die, report } = makePool();
    await comeUp(1);
    heard();
    await die(101, { signal: 9 });
    assert.deepEqual(heard(), ['fork 1']);
    report(103, { type: 'ready' });
    assert.deepEqual(heard(), ['serve 103']);
  });

  test('that keeps dying young is replaced ever later', async () => {
    const { clock, heard, comeUp, die, report, lines } = makePool({ processes: 1 });
    await comeUp(1);
    await die(101, { status: 1 });
    report(102, { type: 'ready' });
    heard();
    await die(102, { status: 1 });
    assert.deepEqual(heard(), [], 'not at once');
    clock.advance(100);
    await settle();
    assert.deepEqual(heard(), ['fork 1']);
    assert.match(lines.at(-1) ?? '', /died young again/);
  });

  test('that has reached a limit serves on until its successor does, and the log tells which', async () => {
    const { heard, comeUp, report, lines } = makePool({ processes: 1 });
    await comeUp(1);
    heard();
    report(101, { type: 'replace', why: 'limit', limit: 'max-requests', reason: 'has served 5 requests (max-requests)' });
    await settle();
    assert.deepEqual(heard(), ['fork 1']);
    assert.equal(lines.at(-1), 'worker 1 (pid 101) has served 5 requests (max-requests): its successor is started');
    report(102, { type: 'ready' });
    assert.deepEqual(heard(), ['serve 102', 'gateway retires seat 0', 'retire 101']);
  });

  test('is not replaced for a limit before min-worker-lifetime', async () => {
    const { clock, heard, comeUp, report } = makePool({ processes: 1, minLifetimeMs: 10_000 });
    await comeUp(1);
    heard();
    report(101, { type: 'replace', why: 'limit', limit: 'memory', reason: 'holds too much' });
    clock.advance(9_999);
    await settle();
    assert.deepEqual(heard(), []);
    clock.advance(1);
    await settle();
    assert.deepEqual(heard(), ['fork 1']);
  });

  test('that has become a danger is killed at once, said once, and replaced', async () => {
    const { pool, heard, comeUp, die, lines } = makePool({ processes: 1 });
    await comeUp(1);
    heard();
    const [worker] = pool.workers;
    assert.ok(worker);
    pool.kill(worker, 'holds 99 MB');
    pool.kill(worker, 'holds 99 MB');
    assert.deepEqual(heard(), ['SIGKILL 101']);
    assert.equal(lines.filter((line) => line === 'worker 1 (pid 101) holds 99 MB: killing it').length, 1);
    await die(101, { signal: 9 });
    assert.deepEqual(heard(), ['fork 1']);
  });

  test('that was sent a signal is replaced, unless it was a signal to the whole server', async () => {
    const { pool, clock, heard, comeUp, report } = makePool({ processes: 1 });
    await comeUp(1);
    heard();
    report(101, { type: 'replace', why: 'signal' });
    clock.advance(100);
    await settle();
    assert.deepEqual(heard(), ['fork 1']);
    report(102, { type: 'ready' });
    heard();
    report(102, { type: 'replace', why: 'signal' });
    void pool.stop('gracefully');
    clock.advance(100);
    assert.ok(!heard().some((said) => said.startsWith('fork')));
  });

  test('that was condemned shows its stacks, takes nothing more and is replaced at once; then it is killed', async () => {
    const { pool, heard, lines, comeUp, die } = makePool({ processes: 1 });
    await comeUp(1);
    heard();
    const [worker] = pool.workers;
    assert.ok(worker);
    pool.condemn(worker);
    pool.condemn(worker);
    assert.deepEqual(heard(), ['SIGUSR2 101', 'gateway retires seat 0', 'retire 101', 'fork 1']);
    pool.putDown(worker);
    pool.putDown(worker);
    assert.deepEqual(heard(), ['SIGKILL 101']);
    await die(101, { signal: 9 });
    assert.deepEqual(heard(), []);
    assert.ok(!lines.some((line) => line.includes('replacing it')), 'it was, before');
  });

  test('that was condemned without a master is not replaced', async () => {
    const { pool, heard, comeUp, die } = makePool({ processes: 1, supervise: false });
    const ends: number[] = [];
    pool.onDeserted = (status) => ends.push(status);
    await comeUp(1);
    heard();
    const [worker] = pool.workers;
    assert.ok(worker);
    pool.condemn(worker);
    pool.putDown(worker);
    await die(101, { signal: 9 });
    assert.deepEqual(heard(), ['SIGUSR2 101', 'gateway retires seat 0', 'retire 101', 'SIGKILL 101']);
    assert.deepEqual(ends, [137]);
  });

  test('of an old generation that is killed since it does not go is no death of the new one', async () => {
    const { clock, heard, lines, comeUp, die } = makePool({ processes: 1 });
    await comeUp(1);
    await comeUp(2);
    clock.advance(MERCY_MS);
    heard();
    await die(101, { signal: 9 });
    assert.deepEqual(heard(), ['stop spawner 1']);
    assert.ok(!lines.some((line) => line.includes('replacing it')));
  });

  test('that does not drain in time is killed', async () => {
    const { clock, heard, comeUp } = makePool({ processes: 1 });
    await comeUp(1);
    await comeUp(2);
    heard();
    clock.advance(MERCY_MS);
    assert.deepEqual(heard(), ['SIGKILL 101']);
  });

  test('that hangs before it is ready is killed', async () => {
    const { pool, clock, heard, load } = makePool({ processes: 1 });
    void pool.renew().catch(() => undefined);
    await load(1);
    heard();
    clock.advance(120_000);
    assert.deepEqual(heard(), ['SIGUSR2 11', 'SIGKILL 101']);
  });

  test('without a master is not replaced, and the last one tells how it ended', async () => {
    const { pool, heard, comeUp, die } = makePool({ supervise: false });
    const ends: number[] = [];
    pool.onDeserted = (status) => ends.push(status);
    await comeUp(1);
    heard();
    await die(101, { status: 7 });
    assert.deepEqual(ends, []);
    await die(102, { signal: 9 });
    assert.deepEqual(ends, [137]);
    assert.deepEqual(heard(), []);
  });
});

describe('why workers were replaced', () => {
  test('is counted when they are gone: a limit, a signal, their size, a death', async () => {
    const { pool, clock, comeUp, die, report, replaced } = makePool({ processes: 1 });
    await comeUp(1);
    report(101, { type: 'replace', why: 'limit', limit: 'max-requests', reason: 'has served 5 requests' });
    await settle();
    report(102, { type: 'ready' });
    assert.deepEqual(replaced, []);
    await die(101, { status: 0 });
    report(102, { type: 'replace', why: 'signal' });
    clock.advance(100);
    await settle();
    report(103, { type: 'ready' });
    await die(102, { status: 0 });
    const [worker] = pool.workers;
    assert.ok(worker);
    pool.kill(worker, 'holds 99 MB');
    await die(103, { signal: 9 });
    report(104, { type: 'ready' });
    await die(104, { status: 1 });
    assert.deepEqual(replaced, ['max-requests', 'asked', 'memory', 'died']);
  });

  test('a reload, and a request that could not be ended', async () => {
    const { pool, comeUp, die, replaced } = makePool({ processes: 1 });
    await comeUp(1);
    await comeUp(2);
    await die(101, { status: 0 });
    const [worker] = pool.workers;
    assert.ok(worker);
    pool.condemn(worker);
    await die(102, { signal: 9 });
    assert.deepEqual(replaced, ['reload', 'harakiri']);
  });

  test('a reload one by one', async () => {
    const { pool, load, report, comeUp, die, replaced } = makePool({ processes: 1 });
    await comeUp(1);
    const renewed = pool.renew('in-chain');
    await load(2);
    report(102, { type: 'ready' });
    await die(101, { status: 0 });
    await renewed;
    assert.deepEqual(replaced, ['reload']);
  });

  test('the loss of a spawner is none of these', async () => {
    const { spawners, load, report, comeUp, die, replaced } = makePool({ processes: 1 });
    await comeUp(1);
    spawners.get(1)?.onExit('gone', 1);
    await settle();
    await load(2);
    report(102, { type: 'ready' });
    await settle();
    await die(101, { status: 0 });
    assert.deepEqual(replaced, ['other']);
  });

  test('does not count who is not replaced: fewer are wanted, all sleep, the server ends', async () => {
    const { pool, comeUp, die, replaced, fallAsleep } = makePool({ slots: 9 });
    await comeUp(1);
    pool.scale(1);
    await die(102, { status: 0 });
    await fallAsleep(2);
    await die(101, { status: 0 });
    void pool.stop('gracefully');
    assert.deepEqual(replaced, []);
  });
});

describe('a spawner that dies', () => {
  test('is replaced by a new generation while its workers serve on', async () => {
    const { spawners, heard, comeUp, states } = makePool();
    await comeUp(1);
    heard();
    spawners.get(1)?.onExit('the spawner was ended by SIGKILL', 1);
    await settle();
    assert.deepEqual(heard(), ['launch 2']);
    assert.deepEqual(states(), ['1 serving', '2 serving']);
  });

  test('is tried again when its successor fails, too', async () => {
    const { clock, spawners, heard, comeUp } = makePool();
    await comeUp(1);
    heard();
    spawners.get(1)?.onExit('gone', 1);
    await settle();
    spawners.get(2)?.onReport({ type: 'failed', reason: 'broken', status: 22 });
    await settle();
    assert.deepEqual(heard(), ['launch 2', 'stop spawner 2']);
    clock.advance(2000);
    await settle();
    assert.deepEqual(heard(), ['launch 3']);
  });
});

test('a pause holds for the workers that are there and for those to come', async () => {
  const { pool, heard, comeUp } = makePool({ processes: 1 });
  await comeUp(1);
  heard();
  pool.pause();
  assert.deepEqual(heard(), ['pause 101']);
  await comeUp(2);
  assert.deepEqual(
    heard().filter((word) => word.endsWith('102')),
    ['pause 102', 'serve 102'],
  );
  pool.resume();
  assert.deepEqual(heard(), ['resume 101', 'resume 102']);
});

describe('stopping', () => {
  test('gracefully lets the workers finish and ends when the last one has', async () => {
    const { pool, heard, comeUp, die } = makePool();
    await comeUp(1);
    heard();
    const stopped = pool.stop('gracefully');
    assert.deepEqual(heard(), ['clear-doors 101', 'clear-doors 102', 'retire 101', 'retire 102']);
    await die(101, { status: 0 });
    await die(102, { status: 0 });
    await stopped;
    assert.deepEqual(heard(), ['stop spawner 1']);
  });

  test('while a generation is being prepared gives that up', async () => {
    const { pool } = makePool();
    const outcome = assert.rejects(pool.renew(), { message: 'the server is stopping' });
    await pool.stop('now');
    await outcome;
  });

  test('at once kills what does not leave within a second', async () => {
    const { pool, clock, heard, comeUp, die } = makePool({ processes: 1 });
    await comeUp(1);
    heard();
    const stopped = pool.stop('now');
    assert.deepEqual(heard(), ['stop 101']);
    clock.advance(1000);
    assert.deepEqual(heard(), ['SIGKILL 101']);
    await die(101, { signal: 9 });
    await stopped;
  });
});

describe('a log that is opened anew', () => {
  test('is opened by all spawners and workers', async () => {
    const { pool, heard, comeUp } = makePool();
    await comeUp(1);
    heard();
    pool.reopenLog('/log');
    assert.deepEqual(heard(), ['reopen-log 101', 'reopen-log 102', 'spawner 1 reopens /log']);
  });

  test('is opened by a worker that was being forked at that moment', async () => {
    const { pool, heard, load } = makePool({ processes: 1 });
    void pool.renew();
    pool.reopenLog('/log');
    heard();
    await load(1);
    assert.deepEqual(heard(), ['fork 1', 'reopen-log 101']);
  });
});

describe('a renewal in two steps', () => {
  test('changes nothing before it is committed', async () => {
    const { change, heard, states } = await makePrepared();
    assert.deepEqual(
      [states(), heard()],
      [
        ['1 serving', '2 serving', '1 waiting', '2 waiting'],
        ['launch 2', 'fork 1', 'fork 2'],
      ],
    );
    await change.commit();
    assert.deepEqual(states(), ['1 draining', '2 draining', '1 serving', '2 serving']);
  });

  test('leaves nothing behind when it is undone, and the next one may follow', async () => {
    const { change, states, die, comeUp } = await makePrepared();
    change.undo();
    assert.deepEqual(states(), ['1 serving', '2 serving', '1 stopping', '2 stopping']);
    await die(103, { status: 0 });
    await die(104, { status: 0 });
    await comeUp(3);
    assert.deepEqual(states(), ['1 draining', '2 draining', '1 serving', '2 serving']);
  });

  test('is made up for when its spawner died while it waited', async () => {
    const { change, spawners, heard } = await makePrepared();
    spawners.get(2)?.onExit('the spawner was ended by SIGKILL', 137);
    heard();
    await change.commit();
    await settle();
    assert.ok(heard().includes('launch 3'));
  });
});

/** A pool that serves, with a change that waits to be committed: workers 103 and 104 are ready to follow 101 and 102. */
async function makePrepared() {
  const made = makePool();
  const { pool, heard, load, report, comeUp } = made;
  await comeUp(1);
  heard();
  const preparing = pool.prepare();
  await load(2);
  report(103, { type: 'ready' });
  report(104, { type: 'ready' });
  return { ...made, change: await preparing };
}

test('a pool without direct doors sleeps without a spawner', async () => {
  const { pool, heard, loads, comeUp, die } = makePool({ hasDirectDoor: false });
  await comeUp(1);
  heard();
  await pool.sleep(SIZE);
  await die(101, { status: 0 });
  await die(102, { status: 0 });
  assert.deepEqual(heard(), ['gateway retires seat 0', 'retire 101', 'gateway retires seat 1', 'retire 102', 'stop spawner 1']);
  void pool.wake();
  assert.deepEqual([heard(), loads], [['launch 2'], [1, 2]]);
});
