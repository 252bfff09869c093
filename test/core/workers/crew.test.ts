import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Crew, type Ending } from '../../../src/core/workers/crew.ts';
import { Generation } from '../../../src/core/workers/generation.ts';
import { Seats } from '../../../src/core/workers/seats.ts';
import type { ControlCommand, ControlReport } from '../../../src/core/wire/control.ts';
import { fakeClock } from '../../helpers/clock.ts';

function makeCrew() {
  const clock = fakeClock();
  const said: string[] = [];
  const endings: Ending[] = [];
  const note = (text: string) => void said.push(text);
  const crew = new Crew(new Seats(4), {
    idOf: (rank) => rank,
    retireAtGateway: (seat) => note(`gateway leaves seat ${seat}`),
    retiring: ({ label }) => note(`${label} retires`),
    signal: (pid, signal) => note(`${signal} ${pid}`),
    seated: ({ seat }) => note(`seat ${seat}`),
    heard: (worker, report) => note(`${worker.label} said ${report.type}`),
    seatFree: () => note('a seat is free'),
    ended: (_, ending) => endings.push(ending),
    mercyMs: () => 5000,
    now: clock.now,
    after: clock.after,
    log: { line: note, event: note },
  });
  const generation = new Generation(1, { processes: 2, threads: 2 }, 0);
  const connect = (seat: number, pid: number) => {
    const channel = {
      onReport: (_: ControlReport) => undefined,
      onEnd: () => undefined,
      send: ({ type }: ControlCommand) => note(`${type} to ${pid}`),
      close: () => note(`hang up on ${pid}`),
    };
    crew.welcome({ type: 'hello', role: 'worker', generation: 1, seat, worker: 1, pid }, channel);
    return channel;
  };
  return { crew, generation, connect, clock, endings, heard: () => said.splice(0) };
}

describe('a crew', () => {
  test('has room for so many threads, and more when a worker has ended', () => {
    const { crew, generation, endings, heard } = makeCrew();
    for (const id of [1, 2, 3]) crew.fork(generation, id);
    assert.deepEqual([heard(), crew.roomFor(2)], [['seat 0', 'seat 2'], 2]);
    crew.hearOf({ type: 'forked', seat: 0, pid: 101 });
    crew.hearOf({ type: 'exited', seat: 0, pid: 101, status: null, signal: 9 });
    assert.deepEqual(endings, [{ from: 'starting', how: 'was killed by signal 9', status: 137 }]);
    crew.fork(generation, 3);
    assert.deepEqual(heard(), ['seat 0']);
    assert.deepEqual(
      crew.of(generation).map(({ id }) => id),
      [2, 3],
    );
  });

  test('knows nobody by a seat that is somebody else', () => {
    const { crew, generation, connect, endings, heard } = makeCrew();
    crew.fork(generation, 1);
    crew.hearOf({ type: 'forked', seat: 0, pid: 101 });
    heard();
    connect(3, 200);
    connect(0, 101);
    connect(0, 102);
    assert.deepEqual(heard(), ['hang up on 200', 'hang up on 102']);
    crew.hearOf({ type: 'exited', seat: 0, pid: 99, status: 0, signal: null });
    assert.deepEqual(endings, [], 'the end of an earlier owner of the seat');
  });

  test('gives up who hangs up and of whose end nobody tells', () => {
    const { crew, generation, connect, clock, endings } = makeCrew();
    crew.fork(generation, 1);
    const channel = connect(0, 101);
    channel.onEnd();
    clock.advance(499);
    assert.deepEqual(endings, []);
    clock.advance(1);
    assert.deepEqual(endings, [{ from: 'starting', how: 'vanished', status: 1 }]);
  });

  test('forgets, with a spawner that is lost, who never came up', () => {
    const { crew, generation, connect, endings } = makeCrew();
    crew.fork(generation, 1);
    crew.fork(generation, 2);
    connect(0, 101);
    crew.loseSpawnerOf(generation, 1);
    assert.deepEqual([endings.length, crew.all.map(({ id }) => id)], [1, [1]]);
  });

  test('gives who retires its time, and no more', () => {
    const { crew, generation, connect, clock, heard } = makeCrew();
    crew.fork(generation, 1);
    connect(0, 101);
    const [worker] = crew.all;
    assert.ok(worker);
    for (const event of ['ready', 'serve', 'retire'] as const) crew.happens(worker, event);
    heard();
    clock.advance(5000);
    assert.deepEqual(heard(), ['worker 1 (pid 101) is still draining after 5 s: killing it', 'SIGKILL 101']);
  });
});
