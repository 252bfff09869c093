import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createScoreboard, type Place, ScoreboardReader, type ScoreboardLayout } from '../../../src/core/stats/scoreboard.ts';
import { Tally } from '../../../src/core/stats/tally.ts';
import { countRequests, countSignals, writeSlot } from '../../helpers/scoreboard.ts';

describe('the tally', () => {
  let directory: string;
  let layout: ScoreboardLayout;
  let reader: ScoreboardReader;
  let tally: Tally;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tally-'));
    layout = { path: join(directory, 'scoreboard'), slots: 4 };
    createScoreboard(layout);
    reader = new ScoreboardReader(layout);
    tally = new Tally(reader);
  });
  afterEach(() => {
    reader.close();
    rmSync(directory, { recursive: true });
  });

  const FIRST = { seat: 0, threads: 2 };
  const SECOND = { seat: 2, threads: 2 };
  const figures = (id: number, place: Place | undefined) => {
    reader.refresh();
    return tally.figures(id, place);
  };

  test('sums the slots of a worker', () => {
    tally.sit(1, FIRST);
    writeSlot(layout, 0, { requests: 2, bytesSent: 20, exceptions: 1 });
    writeSlot(layout, 1, { requests: 3, bytesSent: 30 });
    assert.deepEqual(figures(1, FIRST).total, { requests: 5, exceptions: 1, bytesSent: 50, runningTimeUs: 0 });
  });

  test('goes on counting when a worker is replaced in another seat', () => {
    tally.sit(1, FIRST);
    writeSlot(layout, 0, { requests: 5 });
    tally.leave(1, FIRST);
    tally.sit(1, SECOND);
    writeSlot(layout, 2, { requests: 1 });
    const { total, delta, cores, spawns } = figures(1, SECOND);
    assert.deepEqual([total.requests, delta.requests, spawns], [6, 1, 2]);
    assert.deepEqual(
      cores.map(({ requests }) => requests),
      [6, 0],
    );
  });

  test('counts the signals of a worker over its processes', () => {
    const signals = (id: number) => tally.distributions(id).signals;
    tally.sit(1, FIRST);
    countSignals(layout, 0, 2);
    assert.equal(signals(1), 2);
    tally.leave(1, FIRST);
    tally.sit(2, FIRST);
    countSignals(layout, 0, 1);
    assert.deepEqual([signals(1), signals(2)], [2, 1]);
  });

  test('does not credit a worker with what its seat had counted before', () => {
    tally.sit(1, FIRST);
    writeSlot(layout, 0, { requests: 5 });
    tally.leave(1, FIRST);
    tally.sit(2, FIRST);
    assert.equal(figures(2, FIRST).total.requests, 0);
    writeSlot(layout, 0, { requests: 6 });
    assert.equal(figures(2, FIRST).total.requests, 1);
  });

  test('counts on for a worker that comes back with fewer threads', () => {
    tally.sit(1, FIRST);
    writeSlot(layout, 0, { requests: 5 });
    writeSlot(layout, 1, { requests: 4 });
    tally.leave(1, FIRST);
    tally.sit(1, { seat: 2, threads: 1 });
    writeSlot(layout, 2, { requests: 1 });
    const { total, cores } = figures(1, { seat: 2, threads: 1 });
    assert.equal(total.requests, 10);
    assert.deepEqual(
      cores.map(({ requests }) => requests),
      [6],
    );
  });

  test('keeps the figures of an id that nobody holds', () => {
    tally.sit(1, FIRST);
    writeSlot(layout, 0, { requests: 5 });
    tally.harakiri(1);
    tally.leave(1, FIRST);
    const { total, delta, harakiris } = figures(1, undefined);
    assert.deepEqual([total.requests, delta.requests, harakiris], [5, 0, 1]);
  });

  test('knows what the requests of an id were like, whoever held it', () => {
    const gets = (id: number) => tally.distributions(id).responses('GET', '2xx');
    countRequests(layout, [{ slot: 0 }]);
    tally.sit(1, FIRST);
    countRequests(layout, [{ slot: 0 }, { slot: 1 }]);
    assert.equal(gets(1), 2);
    tally.leave(1, FIRST);
    assert.equal(gets(1), 2);
    tally.sit(1, SECOND);
    countRequests(layout, [{ slot: 3 }]);
    tally.sit(2, FIRST);
    assert.deepEqual([gets(1), gets(2)], [3, 0]);
  });

  test('counts what both do while one process of an id replaces another', () => {
    tally.sit(1, FIRST);
    writeSlot(layout, 0, { requests: 5 });
    tally.sit(1, SECOND);
    writeSlot(layout, 2, { requests: 1 });
    const { total, delta } = figures(1, SECOND);
    assert.deepEqual([total.requests, delta.requests], [6, 1]);
    tally.leave(1, FIRST);
    assert.equal(figures(1, SECOND).total.requests, 6);
  });

  test('knows what an application has had, also from ids that it has no more', () => {
    tally.sit(1, FIRST, '/a');
    tally.sit(2, SECOND, '/b');
    writeSlot(layout, 0, { requests: 5, bytesSent: 50 });
    writeSlot(layout, 2, { requests: 3 });
    countRequests(layout, [{ slot: 0 }, { slot: 2, status: 404 }]);
    tally.leave(1, FIRST);
    tally.sit(1, FIRST, '/b');
    writeSlot(layout, 0, { requests: 6, bytesSent: 60 });
    const requests = (owner: string) => tally.countersOf(owner).requests;
    const missing = (owner: string) => tally.distributionsOf(owner).byStatus['4xx'];
    reader.refresh();
    assert.deepEqual([requests('/a'), requests('/b'), tally.countersOf('/a').bytesSent], [5, 4, 50]);
    assert.deepEqual([missing('/a'), missing('/b'), tally.allDistributions.byStatus['4xx']], [0, 1, 1]);
    tally.keepOnly(new Set());
    assert.deepEqual([requests('/a'), requests('/b')], [0, 4]);
  });
});
