/**
 * The file of a cache, as far as statistics want it; python/tsuwsgi/api/cache_layout.py says where everything is and writes it.
 * Metrics are such a file, too: the name is the key, and the number the value, of eight bytes.
 *
 * Nothing is locked: a figure may be that of a moment ago, and one that is changed while we look may be missing once.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { readCounter } from './counter.ts';

const HEAD_SIZE = 128;
const ROWS = 1024;
const RECORD_SIZE = 48;
const PAGE = 4096;

/** The head of the file in words of 64 bits. */
const ITEMS = 1;
const BLOCKS = 2;
const BLOCK_SIZE = 3;
const KEY_SIZE = 4;
const BUCKETS = 5;
const COUNT = 7;
const FULL = 8;
const CHANGED = 9;

/** What is in a cache and became of it. */
export interface CacheFigures {
  readonly items: number;
  readonly hits: number;
  readonly misses: number;
  /** How often there was no room. */
  readonly full: number;
  /** Seconds since the epoch; 0 before the first change. */
  readonly changedAt: number;
}

const NOTHING: CacheFigures = { items: 0, hits: 0, misses: 0, full: 0, changedAt: 0 };

/** Those of this file; zeros where there is none yet. */
export function readCacheFigures(path: string): CacheFigures {
  return withFile(path, NOTHING, (read) => {
    const head = read(0, HEAD_SIZE);
    const rows = read(HEAD_SIZE, 16 * ROWS);
    return {
      items: word(head, COUNT),
      hits: sumOf(rows, 0),
      misses: sumOf(rows, 1),
      full: word(head, FULL),
      changedAt: word(head, CHANGED),
    };
  });
}

/** The numbers of this file by their names. */
export function readNumbers(path: string): ReadonlyMap<string, number> {
  return withFile(path, new Map(), (read) => {
    const places = placesIn(read(0, HEAD_SIZE));
    const records = read(places.records, places.count * RECORD_SIZE);
    const states = read(places.states, places.count);
    const numbers = new Map<string, number>();
    for (let item = 1; item < places.count; item += 1) {
      if (states[item] !== 1) continue;
      const record = records.subarray(item * RECORD_SIZE);
      const key = read(places.keys + item * places.keySize, Math.min(record.readUInt32LE(8), places.keySize));
      const value = read(places.blocks + record.readUInt32LE(12) * places.blockSize, 8);
      numbers.set(key.toString(), Number(value.readBigInt64LE()));
    }
    return numbers;
  });
}

type Read = (at: number, size: number) => Buffer;

function withFile<Result>(path: string, none: Result, use: (read: Read) => Result): Result {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    // Its spawner has not made it yet, or a reload has taken it away.
    return none;
  }
  try {
    return use((at, size) => {
      const bytes = Buffer.alloc(size);
      readSync(fd, bytes, 0, size, at);
      return bytes;
    });
  } finally {
    closeSync(fd);
  }
}

function placesIn(head: Buffer) {
  const count = word(head, ITEMS) + 1;
  const records = align(HEAD_SIZE + 16 * ROWS + 4 * word(head, BUCKETS), 64);
  const states = records + RECORD_SIZE * count;
  const keySize = word(head, KEY_SIZE);
  const keys = align(states + count + word(head, BLOCKS), PAGE);
  return { count, records, states, keys, keySize, blocks: align(keys + keySize * count, PAGE), blockSize: word(head, BLOCK_SIZE) };
}

function word(head: Buffer, index: number): number {
  return readCounter(head, 8 * index);
}

/** Each process counts in a row of its own. */
function sumOf(rows: Buffer, column: 0 | 1): number {
  let sum = 0;
  for (let row = 0; row < ROWS; row += 1) sum += readCounter(rows, 16 * row + 8 * column);
  return sum;
}

function align(offset: number, unit: number): number {
  return Math.ceil(offset / unit) * unit;
}
