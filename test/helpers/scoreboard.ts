import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { type ScoreboardLayout, ScoreboardWriter } from '../../src/core/stats/scoreboard.ts';
import { PYTHON } from './paths.ts';

/** What a test writes in the place of a worker; times in microseconds. */
export interface SlotFigures {
  readonly state?: 0 | 1 | 2;
  readonly requestId?: number;
  readonly startedAtUs?: number;
  readonly requests?: number;
  readonly exceptions?: number;
  readonly bytesSent?: number;
  readonly runningTimeUs?: number;
  readonly averageResponseTimeUs?: number;
  readonly deadlineMs?: number;
  readonly request?: string;
}

/** Writes the record of one slot as python/tsuwsgi/scoreboard.py lays it out. */
export function writeSlot(layout: ScoreboardLayout, slot: number, figures: SlotFigures): void {
  const { path, slots } = layout;
  const record = Buffer.alloc(256);
  record.writeUInt32LE(figures.state ?? 1, 0);
  record.writeUInt32LE(figures.requestId ?? 0, 4);
  record.writeBigUInt64LE(BigInt(figures.startedAtUs ?? 0), 8);
  record.writeBigUInt64LE(BigInt(figures.exceptions ?? 0), 16);
  record.writeBigUInt64LE(BigInt(figures.bytesSent ?? 0), 24);
  record.writeBigUInt64LE(BigInt(figures.runningTimeUs ?? 0), 32);
  record.writeBigUInt64LE(BigInt(figures.averageResponseTimeUs ?? 0), 56);
  record.writeUInt16LE(record.write(figures.request ?? '', 66, 'latin1'), 64);
  record.writeUInt32LE(figures.deadlineMs ?? 0, 252);
  const requests = Buffer.alloc(8);
  requests.writeBigUInt64LE(BigInt(figures.requests ?? 0));
  const fd = openSync(path, 'r+');
  writeSync(fd, requests, 0, 8, 64 + slot * 8);
  writeSync(fd, record, 0, 256, Math.ceil((64 + slots * 8) / 64) * 64 + slot * 256);
  closeSync(fd);
  const writer = new ScoreboardWriter(layout);
  writer.noteUsed(slots);
  writer.close();
}

/** A request that is over, as the Python runtime counts it. */
export interface CountedRequest {
  /** 1 without one. */
  readonly slot?: number;
  readonly method?: string;
  readonly status?: number;
  readonly app?: number;
  readonly hasFailed?: boolean;
  readonly sent?: number;
  readonly spentUs?: number;
  readonly declared?: string;
}

/** Has the Python runtime count requests in distributions.py. */
export function countRequests(layout: ScoreboardLayout, requests: readonly CountedRequest[]): void {
  const script = `
for it in given:
    exchange = SimpleNamespace(method=it.get("method", "GET"), status=it.get("status", 200), app=it.get("app", 0),
                               has_failed=it.get("hasFailed", False), body_size=it.get("sent", 0))
    board.distributions(it.get("slot", 1)).count(exchange, it.get("spentUs", 0), it.get("declared"))
`;
  runOnBoard(layout, script, requests);
}

/** Has it count so many signals in a slot. */
export function countSignals(layout: ScoreboardLayout, slot: number, signals: number): void {
  runOnBoard(layout, 'for _ in range(given[1]): board.distributions(given[0]).count_signal()', [slot, signals]);
}

/** @param given what the script finds under this name */
function runOnBoard({ path }: ScoreboardLayout, script: string, given: unknown): void {
  const opening = `
import json, sys
from types import SimpleNamespace
sys.path.insert(0, "python")
from tsuwsgi.scoreboard import Scoreboard
board, given = Scoreboard(sys.argv[1]), json.loads(sys.argv[2])
`;
  execFileSync(PYTHON, ['-c', opening + script, path, JSON.stringify(given)]);
}
