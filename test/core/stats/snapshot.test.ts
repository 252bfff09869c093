import assert from 'node:assert/strict';
import test from 'node:test';
import { type SlotRecord, UNUSED } from '../../../src/core/stats/scoreboard.ts';
import { buildDocument, environKey, type QueueSnapshot, type ServerSnapshot } from '../../../src/core/stats/snapshot.ts';
import type { Figures } from '../../../src/core/stats/tally.ts';
import { NO_OWN_STATS } from '../../helpers/own-stats.ts';

const NOTHING = { requests: 0, exceptions: 0, bytesSent: 0, runningTimeUs: 0 };
const IDLE: SlotRecord = { ...UNUSED, state: 'idle' };
const BUSY: SlotRecord = { ...IDLE, state: 'busy', startedAtUs: 7_000_000, request: 'GET /a?b=1 2' };

const figures = (...records: SlotRecord[]): Figures => ({
  total: { requests: 3, exceptions: 1, bytesSent: 90, runningTimeUs: 60 },
  delta: { ...NOTHING, requests: 2 },
  spawns: 2,
  lastSpawn: 1_700_000_000,
  harakiris: 1,
  cores: records.map((record) => ({ ...NOTHING, record })),
});

const WORKER = {
  signals: 5,
  memory: { rss: 3 << 20, as: 9 << 20 },
  applications: [{ number: 4, mountpoint: '/shop', directory: '/srv/shop', startupSeconds: 1.9, requests: 3, exceptions: 1 }],
};

const server = (workers: ServerSnapshot['workers'], queue?: QueueSnapshot): ServerSnapshot => ({
  version: '0.1.0',
  pid: 1,
  uid: 0,
  gid: 0,
  directory: '/srv',
  sockets: [{ name: ':9090', protocol: 'http', backlog: 100, queue }],
  workers,
  isPaused: false,
  sharing: { caches: [], metrics: undefined },
  own: NO_OWN_STATS,
  environs: new Map(),
  nowUs: 10_000_000,
  nowEpoch: 1_800_000_000,
});

test('a busy core shows its request and since when it runs', () => {
  const document = buildDocument(server([{ id: 1, pid: 9, isAccepting: true, ...WORKER, figures: figures(IDLE, BUSY) }]));
  const [worker] = document.workers;
  assert.equal(worker?.status, 'busy');
  assert.deepEqual(worker.cores[1]?.vars, ['REQUEST_METHOD=GET', 'REQUEST_URI=/a?b=1 2', '']);
  assert.deepEqual(worker.cores[1].req_info, { request_start: 1_799_999_997, age_ms: 3000 });
  assert.deepEqual(worker.cores[0]?.req_info, {});
});

test("what a worker runs and how large it is follow uWSGI's keys", () => {
  const [worker] = buildDocument(server([{ id: 1, pid: 9, isAccepting: true, ...WORKER, figures: figures(IDLE) }])).workers;
  assert.deepEqual([worker?.rss, worker?.vsz, worker?.signals], [3 << 20, 9 << 20, 5]);
  const counted = { requests: 3, exceptions: 1 };
  assert.deepEqual(worker?.apps, [{ id: 4, modifier1: 0, mountpoint: '/shop', startup_time: 1, ...counted, chdir: '/srv/shop' }]);
});

test('a request that was asked for has all its variables, and none of the one before it', () => {
  const snapshot = server([{ id: 1, pid: 9, isAccepting: true, ...WORKER, figures: figures(IDLE, BUSY) }]);
  const varsWith = (startedAtUs: number) =>
    buildDocument({ ...snapshot, environs: new Map([[environKey(9, 1, startedAtUs), ['A=1', 'B=2']]]) }).workers[0]?.cores[1]?.vars;
  assert.deepEqual(varsWith(BUSY.startedAtUs), ['A=1', 'B=2', '']);
  assert.deepEqual(varsWith(BUSY.startedAtUs - 1), ['REQUEST_METHOD=GET', 'REQUEST_URI=/a?b=1 2', '']);
});

test('an id that nobody holds is cheap, as uWSGI calls it', () => {
  const document = buildDocument(server([{ id: 1, pid: 0, isAccepting: false, ...WORKER, figures: figures(IDLE) }]));
  assert.deepEqual([document.workers[0]?.status, document.workers[0]?.accepting], ['cheap', 0]);
});

test('a worker that runs the handler of a signal says of which, busy or not', () => {
  const workers = [IDLE, BUSY].map((record, index) => ({
    ...{ id: index + 1, pid: 9, isAccepting: true },
    ...{ ...WORKER, handles: 17, figures: figures(record) },
  }));
  assert.deepEqual(
    buildDocument(server(workers)).workers.map(({ status }) => status),
    ['sig17', 'sig17'],
  );
});

test('in a pause an idle worker says so, and one that finishes a request is busy', () => {
  const workers = [IDLE, BUSY].map((record, index) => ({
    id: index + 1,
    pid: 9,
    isAccepting: true,
    ...WORKER,
    figures: figures(record),
  }));
  const { workers: told } = buildDocument({ ...server(workers), isPaused: true });
  assert.deepEqual(
    told.map(({ status }) => status),
    ['pause', 'busy'],
  );
});

test('the average response time is that of the cores that have served', () => {
  const slots = [{ ...IDLE, averageResponseTimeUs: 40 }, { ...IDLE, averageResponseTimeUs: 60 }, IDLE];
  assert.equal(buildDocument(server([{ id: 1, pid: 9, isAccepting: true, ...WORKER, figures: figures(...slots) }])).workers[0]?.avg_rt, 50);
});

test('the queue of the fullest socket is the load', () => {
  const document = buildDocument(server([], { length: 7, limit: 4096, ageMs: 1500 }));
  assert.deepEqual([document.listen_queue, document.load, document.sockets[0]?.queue], [7, 7, 7]);
});

test("where requests wait in the gateway, the limit and the age of the queue follow uWSGI's keys", () => {
  const [socket] = buildDocument(server([], { length: 7, limit: 4096, ageMs: 1500 })).sockets;
  const keys = ['name', 'proto', 'queue', 'max_queue', 'shared', 'can_offload', 'queue_limit', 'queue_age_ms'];
  assert.deepEqual(Object.keys(socket ?? {}), keys);
  assert.deepEqual([socket?.max_queue, socket?.queue_limit, socket?.queue_age_ms], [100, 4096, 1500]);
});

test("where the kernel alone holds connections, the keys are uWSGI's", () => {
  const [socket] = buildDocument(server([])).sockets;
  assert.deepEqual(socket, { name: ':9090', proto: 'http', queue: 0, max_queue: 100, shared: 0, can_offload: 0 });
});

test('has caches and metrics where there are any, in the place where uWSGI has them', () => {
  const sizes = { name: 'c', items: 5, blocks: 6, blockSize: 100, keySize: 20, buckets: 7 };
  const document = buildDocument({
    ...server([]),
    sharing: {
      caches: [{ ...sizes, figures: { items: 1, hits: 2, misses: 3, full: 4, changedAt: 8 } }],
      metrics: [{ name: 'level', type: 'gauge', oid: '1.2', value: -9 }],
    },
  });
  assert.deepEqual(document.caches, [
    {
      ...{ name: 'c', hash: 'crc32', hashsize: 7, keysize: 20, max_items: 5, blocks: 6, blocksize: 100 },
      ...{ items: 1, hits: 2, miss: 3, full: 4, last_modified_at: 8 },
    },
  ]);
  assert.deepEqual(document.metrics, { level: { type: 1, oid: '1.2', value: -9 } });
  assert.deepEqual(Object.keys(document).slice(9, 14), ['locks', 'caches', 'metrics', 'sockets', 'workers']);
});
