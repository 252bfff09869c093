import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import type { GatewayLink } from '../../../src/core/master/gateway-link.ts';
import { Sites, type SitesPorts } from '../../../src/core/sites/sites.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import type { ControlCommand, ControlReport } from '../../../src/core/wire/control.ts';
import { eventually } from '../../helpers/eventually.ts';
import { Seats } from '../../../src/core/workers/seats.ts';
import type { SpawnerListener } from '../../../src/core/workers/spawner.ts';
import { planOf } from '../../helpers/plan.ts';

const A = '--mount /a=a.py';
const B = '--mount /b=b.py';
const C = '--mount /c=c.py';

const serverPlan = (words: string): Plan => planOf(`--http :0 --master ${words}`);

const started: Sites[] = [];

afterEach(async () => {
  for (const sites of started.splice(0)) await sites.stop('now');
});

interface FakeSpawner {
  readonly site: string;
  readonly generation: number;
  /** How its import ends. */
  finish(): void;
}

/** A server whose processes are played by the test. Imports end at once but for those of the sites that hang; workers end as soon as they are told to. */
function server(words: string, slots = 60) {
  const state = { plan: serverPlan(words), isStopping: false };
  const hanging = new Set<string>();
  /** Sites whose workers still run a request when they are to go. */
  const busy = new Set<string>();
  const importing: FakeSpawner[] = [];
  const running = new Set<number>();
  const lines: string[] = [];
  const said: string[] = [];
  const deserted: number[] = [];
  let pids = 100;
  /** Ends the process of a worker. */
  const ends = new Map<number, () => void>();

  const ports: SitesPorts = {
    seats: new Seats(slots),
    plan: () => state.plan,
    launch: ({ site, generation }, listener) => play(site.name, generation, listener),
    gateway: () => gateway,
    hasDirectDoor: () => false,
    signal: () => undefined,
    seated: () => undefined,
    left: () => undefined,
    replaced: () => undefined,
    reloadAsked: () => undefined,
    stopAsked: () => undefined,
    told: () => undefined,
    describeWorkers: () => ({ workers: [], metrics: {}, queued: 0 }),
    scoreboard: { refresh: () => ports.scoreboard, slots: () => [] } as unknown as SitesPorts['scoreboard'],
    tally: { countersOf: () => ({ requests: 5 }) } as unknown as SitesPorts['tally'],
    isServing: () => true,
    isStopping: () => state.isStopping,
    deserted: (status) => deserted.push(status),
    log: { line: (text) => lines.push(text), event: (text) => lines.push(text) },
  };
  const refused: string[] = [];
  const gateway = {
    watch: (site: string) => said.push(`watch ${site}`),
    refuse: ({ site, reason }: { site: string; reason: string }) => refused.push(`${site}: ${reason}`),
    retire: () => undefined,
    queue: () => ({ length: 0, ageMs: 0 }),
  } as unknown as GatewayLink;
  const sites = new Sites(ports);
  started.push(sites);

  function play(site: string, generation: number, listener: SpawnerListener) {
    running.add(generation);
    const exit = (reason: string): void => {
      if (running.delete(generation)) listener.onExit(reason, 1);
    };
    return {
      get hasExited() {
        return !running.has(generation);
      },
      pid: generation,
      attach: () => undefined,
      watch: () => undefined,
      refuse: () => undefined,
      reopenLog: () => said.push(`${site} reopens`),
      load() {
        const finish = (): void => listener.onReport({ type: 'loaded', seconds: 0.1, times: [], names: [site], signals: [] });
        importing.push({ site, generation, finish });
        if (!hanging.has(site)) queueMicrotask(finish);
      },
      fork: (seat: number, worker: number) => queueMicrotask(() => fork({ site, generation, listener }, seat, worker)),
      stop: () => queueMicrotask(() => exit('the spawner ended with status 0')),
    };
  }

  function fork(
    { site, generation, listener }: { site: string; generation: number; listener: SpawnerListener },
    seat: number,
    worker: number,
  ) {
    const pid = ++pids;
    const end = (status = 0): void => listener.onReport({ type: 'exited', seat, pid, status, signal: null });
    ends.set(pid, end);
    const channel = {
      onReport: (_: ControlReport) => undefined,
      onEnd: () => undefined,
      send: (command: ControlCommand) => {
        const { type } = command;
        if (type === 'hand-back') said.push(`${site}, seat ${seat}: hand back what waits in core ${command.core}`);
        if (type === 'retire') queueMicrotask(() => channel.onReport({ type: 'retired' }));
        if (type === 'stop' || (type === 'retire' && !busy.has(site))) queueMicrotask(end);
      },
      close: () => said.push(`hang up on ${site}`),
    };
    listener.onReport({ type: 'forked', seat, pid });
    sites.welcome({ type: 'hello', role: 'worker', generation, pid, seat, worker }, channel);
    channel.onReport({ type: 'ready' });
  }

  const serving = () =>
    sites.all.map(({ name, pool }) => `${name}: ${pool.workers.flatMap(({ id, state }) => (state === 'serving' ? [id] : [])).join(' ')}`);
  /** A reload into what these words say. */
  const prepare = (next: string) => {
    const before = state.plan;
    state.plan = serverPlan(next);
    return sites.prepare(before, 'together');
  };
  const reload = async (next: string) => {
    const letGo = await (await prepare(next)).commit();
    letGo();
    await settle();
  };
  return { sites, state, hanging, busy, importing, running, lines, said, refused, deserted, ends, serving, prepare, reload };
}

async function opened(words: string, slots?: number) {
  const made = server(words, slots);
  await made.sites.open(Promise.resolve());
  return made;
}

const pidsOf = ({ sites }: ReturnType<typeof server>, name: string) =>
  sites.all.flatMap((site) => (site.name === name ? site.pool.workers.map(({ pid }) => pid ?? 0) : []));

describe('the sites of a server', () => {
  test('prepare themselves while the gateway comes up, and serve when it is there', async () => {
    const made = server(A);
    let openDoors = (): void => undefined;
    const doors = new Promise<void>((resolve) => (openDoors = resolve));
    const opening = made.sites.open(doors);
    await settle();
    assert.deepEqual([pidsOf(made, '/a').length, made.serving()], [1, ['/a: ']]);
    openDoors();
    await opening;
    assert.deepEqual(made.serving(), ['/a: 1']);
  });

  test('do not stay where the gateway does not come up', async () => {
    const made = server(A);
    await assert.rejects(made.sites.open(Promise.reject(new Error('in use'))), /in use/);
    await settle();
    assert.deepEqual([...made.running], []);
  });

  test('have ids in one row, and those of one that is new come after the others', async () => {
    const { serving, reload } = await opened(`${A} ${B} -p 2`);
    assert.deepEqual(serving(), ['/a: 1 2', '/b: 3 4']);
    await reload(`${C} ${A} ${B} -p 2`);
    assert.deepEqual(serving(), ['/c: 5 6', '/a: 1 2', '/b: 3 4']);
  });

  test('tell where the application of a worker is mounted', async () => {
    const { sites } = await opened(`${A} ${B} -p 2`);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((id) => sites.mountpointOf(id)),
      ['/a', '/a', '/b', '/b', ''],
    );
  });

  test('one that has gone leaves its ids to the next', async () => {
    const { serving, reload } = await opened(`${A} ${B} -p 2`);
    await reload(B + ' -p 2');
    await reload(`${B} ${C} -p 2`);
    assert.deepEqual(serving(), ['/b: 3 4', '/c: 1 2']);
  });

  test('one that comes back while its last workers are on their way out keeps the ids that are both theirs', async () => {
    const made = await opened(`${A} ${B} -p 2`);
    made.busy.add('/a');
    const old = pidsOf(made, '/a');
    await made.reload(B + ' -p 2');
    await made.reload(`${A} ${B} -p 2`);
    assert.deepEqual(made.serving(), ['/a: 1 2', '/b: 3 4']);
    for (const pid of old) made.ends.get(pid)?.();
    await settle();
    await made.reload(`${A} ${B} ${C} -p 2`);
    assert.deepEqual(made.serving(), ['/a: 1 2', '/b: 3 4', '/c: 5 6']);
  });

  test('leave no process behind, however often they are reloaded, taken out and brought back', async () => {
    const { running, reload, sites } = await opened(`${A} ${B}`);
    for (let nth = 0; nth < 5; nth++) {
      await reload(A);
      await reload(`${A} ${B}`);
    }
    assert.equal(running.size, 2);
    assert.equal(sites.workers.length, 2);
  });

  test('share what room there is for more workers, and each gets so many more than it had', async () => {
    const { sites, state } = await opened(`${A} ${B} -p 2`, 24);
    assert.equal(sites.scale(100), 4);
    await settle();
    assert.equal(sites.workers.length, 8);
    assert.equal(state.plan.sites.length, 2);
    sites.all[0]?.pool.scale(1);
    assert.equal(sites.scaleBy(-1), 3);
    assert.deepEqual(
      sites.all.map(({ pool }) => pool.wanted),
      [1, 3],
    );
  });

  test('one that finds no seat gets one when a worker of another has left it', async () => {
    const made = await opened(`${A} ${B}`, 6);
    made.busy.add('/a');
    for (let nth = 0; nth < 3; nth++) await made.reload(`${A} ${B}`);
    const [oldest = NaN] = pidsOf(made, '/a');
    const last = made.reload(`${A} ${B}`);
    await settle();
    assert.equal(made.sites.workers.length, 6, 'every seat is taken');
    made.ends.get(oldest)?.();
    await last;
    assert.deepEqual(made.serving(), ['/a: 1', '/b: 2']);
  });
});

describe('a reload', () => {
  test('in which one hangs lets the others serve on, and wake up', async () => {
    const made = await opened(`${A} ${B} ${C} --cheap`);
    await made.sites.all[0]?.sleep.wake('test');
    made.hanging.add('/a');
    const change = made.prepare(`${A} ${B} ${C} --cheap`);
    await settle();
    assert.deepEqual(made.serving(), ['/a: 1', '/b: ', '/c: ']);
    await made.sites.all[1]?.sleep.wake('test');
    assert.deepEqual(made.serving(), ['/a: 1', '/b: 2', '/c: ']);
    made.importing.findLast(({ site }) => site === '/a')?.finish();
    await (await change).commit();
    await settle();
    assert.deepEqual(made.serving(), ['/a: 1', '/b: 2', '/c: ']);
  });

  test('that is interrupted by the end of the server leaves nothing behind of a site that it was to bring in', async () => {
    const made = await opened(A);
    made.hanging.add('/b');
    const change = made.prepare(`${A} ${B}`);
    await settle();
    assert.equal(made.importing.at(-1)?.site, '/b');
    made.state.isStopping = true;
    await made.sites.stop('gracefully');
    await assert.rejects(change, /the server is stopping/);
    await settle();
    assert.deepEqual([made.running.size, made.sites.workers.length], [0, 0]);
  });

  test('that takes out a site leaves it serving until nobody is sent to it', async () => {
    const made = await opened(`${A} ${B}`);
    const letGo = await (await made.prepare(A)).commit();
    await settle();
    assert.deepEqual([made.sites.workers.map(({ state }) => state), made.refused], [['serving', 'serving'], []]);
    letGo();
    await settle();
    assert.deepEqual([made.serving(), made.running.size], [['/a: 1'], 1]);
  });

  test('that is taken back lets go what it was to bring in', async () => {
    const made = await opened(A);
    const change = await made.prepare(`${A} ${B}`);
    assert.equal(made.running.size, 3);
    change.undo();
    await settle();
    assert.deepEqual([made.serving(), made.running.size], [['/a: 1'], 1]);
  });

  test('that takes out a site while it wakes up says so to whoever waits for it, and tries nothing any more', async () => {
    const made = await opened(`${A} ${B} --cheap`);
    made.hanging.add('/b');
    made.sites.knocked('/b');
    await eventually('the import', () => made.importing.at(-1)?.site === '/b');
    made.lines.splice(0);
    await made.reload(`${A} --cheap`);
    await settle();
    assert.deepEqual(made.refused, ['/b: its application is not served any more', '/b: its application is not served any more']);
    assert.deepEqual([made.lines, made.running.size], [[], 0]);
  });
});

test('the worker in whose slot requests wait is asked for them, and nobody where it has gone', async () => {
  const { sites, said } = await opened(`${A} ${B} --threads 2`);
  const [, second] = sites.workers;
  said.splice(0);
  sites.handBack({ seat: second?.seat ?? -1, core: 1 });
  sites.handBack({ seat: 999, core: 0 });
  assert.deepEqual(said, [`/b, seat ${second?.seat}: hand back what waits in core 1`]);
});

describe('a site that nobody asks for', () => {
  test('falls asleep although one worker takes the place of another meanwhile', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    // Whole milliseconds: sums of others may miss the limit by a rounding.
    let now = Math.round(performance.now());
    t.mock.method(performance, 'now', () => now);
    const { sites, busy } = await opened(`${A} --idle 1 --min-worker-lifetime 0`);
    const pass = (): void => {
      now += 500;
      t.mock.timers.tick(500);
    };
    sites.follow();
    pass();
    busy.add('/a');
    for (const worker of sites.workers) sites.replace(worker, 'lifetime', 'is old');
    await settle();
    assert.equal(sites.workers.length, 2);
    pass();
    pass();
    await settle();
    assert.ok(sites.isAsleep);
  });
});

describe('without a master', () => {
  test('a site whose last worker is gone refuses its requests, and the last one ends the server', async () => {
    const made = server(`${A} ${B}`);
    made.state.plan = { ...made.state.plan, master: false };
    await made.sites.open(Promise.resolve());
    const [[a = NaN], [b = NaN]] = [pidsOf(made, '/a'), pidsOf(made, '/b')];
    made.ends.get(a)?.();
    assert.deepEqual([made.deserted, made.refused], [[], ['/a: no worker is left and nothing replaces it without --master']]);
    made.ends.get(b)?.();
    assert.deepEqual(made.deserted, [0]);
  });
});
