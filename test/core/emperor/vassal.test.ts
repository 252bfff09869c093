import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Throttle, YOUNG_MS } from '../../../src/core/emperor/throttle.ts';
import { Vassal, type VassalListener } from '../../../src/core/emperor/vassal.ts';
import { fakeClock } from '../../helpers/clock.ts';

const FILE = { path: '/v/a.ini', id: 'a.ini', directory: '/v', monitor: '/v', version: '1', modifiedAt: 0, owner: { uid: 1, gid: 1 } };

/** A vassal without a process, what was done to it, and what it may say. */
function begin({ refusal }: { refusal?: string } = {}) {
  const clock = fakeClock();
  const done: string[] = [];
  const lines: string[] = [];
  let listener: VassalListener | undefined;
  let started = 0;
  clock.advance(1);
  const vassal = new Vassal(FILE, {
    throttle: new Throttle({ firstMs: 1000, mostMs: 3000, grows: true }),
    launch: (file, to) => {
      if (refusal !== undefined) throw new Error(refusal);
      listener = to;
      done.push(`start ${file.version}`);
      return { pid: 100 + ++started, order: (what) => void done.push(what), kill: () => void done.push('kill') };
    },
    gone: () => void done.push('gone'),
    toleranceMs: 5000,
    heartbeatMs: 4000,
    after: clock.after,
    now: clock.now,
    log: { line: () => undefined, event: (text) => void lines.push(text.replace('[emperor] vassal a.ini: ', '')) },
  });
  vassal.begin();
  const heard = (): VassalListener => {
    assert.ok(listener, 'it was started');
    return listener;
  };
  return { vassal, clock, done, lines, heard };
}

describe('a vassal that dies', () => {
  test('before it is ready is told by its status and waits longer each time', () => {
    const { vassal, clock, done, lines, heard } = begin();
    heard().ended('status 22');
    assert.deepEqual(lines, ['started (pid 101)', 'ended with status 22 before it was ready', 'next try in 1 s, or when its file changes']);
    assert.deepEqual([vassal.state, vassal.pid], ['waiting', 0]);
    clock.advance(999);
    assert.equal(done.length, 1);
    clock.advance(1);
    assert.deepEqual(done, ['start 1', 'start 1']);
    heard().ended('status 22');
    assert.equal(lines.at(-1), 'next try in 2 s, or when its file changes');
    assert.equal(vassal.respawns, 1);
  });

  test('after it has served for a while is started again at once', () => {
    const { clock, done, lines, heard } = begin();
    heard().reported('ready');
    clock.advance(YOUNG_MS);
    heard().ended('SIGKILL');
    clock.advance(0);
    assert.deepEqual(done, ['start 1', 'start 1']);
    assert.deepEqual(lines.slice(1), ['ready after 0.0 s', 'ended with SIGKILL', 'started (pid 102)']);
  });

  test('waits no longer when its file changes, and has a clean slate', () => {
    const { vassal, clock, done, lines, heard } = begin();
    heard().ended('status 1');
    vassal.update({ ...FILE, version: '2' }, 'changed');
    assert.deepEqual(done, ['start 1', 'start 2']);
    clock.advance(5000);
    assert.equal(done.length, 2, 'the pause is called off');
    heard().ended('status 1');
    assert.equal(lines.at(-1), 'next try in 1 s, or when its file changes');
  });
});

test('one that cannot be started says why and is tried again', () => {
  const { vassal, lines } = begin({ refusal: 'no such user' });
  assert.deepEqual(lines, ['cannot be started: no such user', 'next try in 1 s, or when its file changes']);
  assert.equal(vassal.state, 'waiting');
});

test('one whose file goes finishes, or is killed after its time', () => {
  const { vassal, clock, done, lines, heard } = begin();
  heard().reported('ready');
  vassal.stop('gracefully', 'its file is gone');
  assert.equal(vassal.times.cursed, clock.now());
  clock.advance(5000);
  assert.deepEqual(done, ['start 1', 'stop-gracefully', 'kill']);
  heard().ended('SIGKILL');
  assert.equal(done.at(-1), 'gone');
  assert.deepEqual(lines.slice(2), ['its file is gone: stopping', 'has not stopped for 5 s: killing it', 'stopped']);
});

test('one that waits when its file goes is gone at once', () => {
  const { vassal, clock, done, heard } = begin();
  heard().ended('status 1');
  vassal.stop('gracefully', 'its file is gone');
  clock.advance(10_000);
  assert.deepEqual(done, ['start 1', 'gone']);
});

test('heartbeats that cease end it, and those that never came do not', () => {
  const { vassal, clock, done, heard } = begin();
  heard().reported('ready');
  clock.advance(100_000);
  assert.deepEqual(done, ['start 1']);
  heard().reported('heartbeat');
  clock.advance(3999);
  heard().reported('heartbeat');
  clock.advance(3999);
  assert.deepEqual(done, ['start 1']);
  clock.advance(1);
  assert.deepEqual(done, ['start 1', 'kill']);
  heard().ended('SIGKILL');
  assert.deepEqual(done, ['start 1', 'kill', 'start 1']);
  assert.equal(vassal.state, 'starting');
});

test('a reload is an order, and says nothing of a change', () => {
  const { vassal, done, lines, heard } = begin();
  heard().reported('ready');
  vassal.reload();
  assert.deepEqual(done, ['start 1', 'reload']);
  vassal.update({ ...FILE, version: '2' }, 'changed');
  assert.deepEqual(done, ['start 1', 'reload', 'reload']);
  assert.deepEqual(lines.slice(2), ['changed: reloading']);
});

test('times begin anew with each process', () => {
  const { vassal, clock, heard } = begin();
  clock.advance(9);
  for (const report of ['started', 'ready', 'loyal', 'heartbeat'] as const) heard().reported(report);
  const { born, firstRun, lastRun, ready, loyal, heartbeat } = vassal.times;
  assert.deepEqual([born, firstRun, lastRun, ready, loyal, heartbeat], [1, 1, 1, 10, 10, 10]);
  heard().ended('status 0');
  clock.advance(1000);
  assert.deepEqual({ ...vassal.times }, { born: 1, firstRun: 1, lastRun: 1010, ready: 0, loyal: 0, heartbeat: 0, cursed: 0 });
});
