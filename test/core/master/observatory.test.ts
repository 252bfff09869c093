import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createLineBuffers } from '../../../src/core/log/line-buffers.ts';
import { Observatory, type ObservatorySettings, type ObservedServer } from '../../../src/core/master/observatory.ts';
import { SAME_USER } from '../../../src/core/master/privileges.ts';
import { createScoreboard, ScoreboardReader, UNUSED } from '../../../src/core/stats/scoreboard.ts';
import { Worker } from '../../../src/core/workers/worker.ts';
import { leaveLines } from '../../helpers/line-buffers.ts';
import { planOf } from '../../helpers/plan.ts';
import { writeSlot } from '../../helpers/scoreboard.ts';
import { tempDir } from '../../helpers/temp.ts';

const SLOTS = 4;
/** Where the scoreboard says how many slots are used. */
const USED_AT = 12;

/** One that looks at a server of one site with one worker, which has slots 1 and 2. */
function observe(t: TestContext) {
  const path = tempDir(t, { 'gauges/gauge_livesum_77.db': '', 'gauges/gauge_livesum_78.db': '', 'gauges/counter_77.db': '' });
  const scoreboard = { path: join(path, 'scoreboard'), slots: SLOTS };
  const lineBuffers = { path: join(path, 'line-buffers'), slots: SLOTS, gateways: 1 };
  createScoreboard(scoreboard);
  createLineBuffers(lineBuffers);
  const worker = new Worker({ id: 1, rank: 1, seat: 1, threads: 2, generation: 1, bornAt: 0 });
  worker.pid = 77;
  const logged: string[] = [];
  const settings = {
    version: '1',
    resources: { scoreboard, lineBuffers, directory: { path }, workingDirectory: { path }, children: SAME_USER },
    log: { line: () => undefined, event: () => undefined },
    logFile: { dropped: 3 },
    logWriter: { logRequests: (lines: string) => void logged.push(lines) },
    environment: { PROMETHEUS_MULTIPROC_DIR: join(path, 'gauges') },
    runtime: '/runtime/__main__.py',
  } as unknown as ObservatorySettings;
  const site = { name: 'shop', applications: [{ number: 0, mountpoint: '/shop' }], pool: { workers: [worker] } };
  const sites = { all: [site], ids: [{ id: 1, site }], workers: [worker], mountpointOf: (id: number) => `/of-${id}` };
  const doors: { sockets: []; gateway: unknown } = { sockets: [], gateway: undefined };
  const server = {
    plan: () => planOf('--http-socket :0 --module shop'),
    sites: () => sites,
    doors: () => doors,
    phase: () => 'serving',
    isPaused: () => false,
  } as unknown as ObservedServer;
  return { observatory: new Observatory(settings, server), scoreboard, lineBuffers, worker, logged, path, doors };
}

test('a worker that sits down is counted with its application, and its slots are looked at', (t) => {
  const { observatory, scoreboard, lineBuffers, worker } = observe(t);
  leaveLines(lineBuffers.path, 2, { dropped: 4 });
  assert.equal(observatory.statistics().log?.dropped, 3);
  observatory.ofSites.seated(worker, 'shop');
  assert.equal(readFileSync(scoreboard.path).readUInt32LE(USED_AT), 3);
  writeSlot(scoreboard, 2, { requests: 6 });
  const { workers, applications, log } = observatory.statistics();
  assert.deepEqual([workers[0]?.requests, applications[0]?.requests, log?.dropped], [6, 6, 3 + 4]);
  assert.match(observatory.summary, /6 requests/);
});

test('a worker does not run what one that was killed has left in its seat', (t) => {
  const { observatory, scoreboard, worker } = observe(t);
  writeSlot(scoreboard, 1, { state: 2, startedAtUs: 1 });
  observatory.ofSites.seated(worker, 'shop');
  const { workers, applications } = observatory.statistics();
  assert.deepEqual([workers[0]?.status, applications[0]?.busy], ['idle', 0]);
});

test('what requests were like is read once for each worker, for each application and for all', (t) => {
  const { observatory, worker } = observe(t);
  observatory.ofSites.seated(worker, 'shop');
  const read = t.mock.method(ScoreboardReader.prototype, 'distributions');
  observatory.statistics();
  assert.equal(read.mock.callCount(), 3);
});

test('of a worker that leaves its seat the figures stay, its lines are logged once and its live gauges go', (t) => {
  const { observatory, scoreboard, lineBuffers, worker, logged, path } = observe(t);
  observatory.ofSites.seated(worker, 'shop');
  writeSlot(scoreboard, 1, { requests: 5 });
  leaveLines(lineBuffers.path, 1, { lines: 'one\ntwo\n' });
  observatory.ofSites.left(worker);
  assert.deepEqual(logged, ['one\ntwo']);
  assert.deepEqual(readdirSync(join(path, 'gauges')).sort(), ['counter_77.db', 'gauge_livesum_78.db']);
  observatory.ofSites.seated(worker, 'shop');
  observatory.ofSites.left(worker);
  assert.equal(logged.length, 1);
  assert.equal(observatory.statistics().applications[0]?.requests, 5);
});

test('events, reloads, replacements and long requests are remembered', async (t) => {
  const { observatory, worker } = observe(t);
  observatory.log.event('reloading');
  observatory.ofSites.replaced('died');
  observatory.ofWatches.found({ worker, core: 0, record: { ...UNUSED, startedAtUs: 1_000_000, request: 'GET /x' }, nowUs: 3_000_000 });
  await observatory.observeReload(() => Promise.resolve());
  await assert.rejects(
    observatory.observeReload(() => Promise.reject(new Error('no such module'))),
    /no such module/,
  );
  const { events, slow } = observatory.recent;
  assert.equal(events[0]?.text, 'reloading');
  assert.deepEqual([slow[0]?.application, slow[0]?.uri, slow[0]?.ranMs], ['/of-1', '/x', 2000]);
  const { reloads, restarts } = observatory.statistics();
  assert.deepEqual([reloads.done, reloads.failed, reloads.last?.error, restarts.died], [1, 1, 'no such module', 1]);
});

test('nothing waits where there is no gateway', (t) => {
  const { observatory, doors } = observe(t);
  assert.equal(observatory.ofWatches.queueLength(), 0);
  doors.gateway = { queue: () => ({ length: 5 }) };
  assert.equal(observatory.ofWatches.queueLength(), 5);
});
