import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NameTable } from '../../../src/core/protocol/name-table.ts';

describe('a table of names', () => {
  test('has a name among those of its hash', () => {
    const table = new NameTable<string>();
    assert.deepEqual(table.bucket(7), []);
    table.put(7, 'HOST', 4);
    table.put(7, 'DATE', 4);
    table.put(8, 'VIA', 3);
    assert.deepEqual(table.bucket(7), ['HOST', 'DATE']);
    assert.deepEqual(table.bucket(8), ['VIA']);
  });

  test('spreads hashes that differ in their higher bits only', () => {
    const hashes = Array.from({ length: 128 }, (_, high) => (high << 15) | 5);
    const table = new NameTable<number>();
    for (const hash of hashes) table.put(hash, hash, 1);
    for (const hash of hashes) assert.deepEqual(table.bucket(hash), [hash]);
  });

  test('has a bucket for any hash', () => {
    for (const hash of [0, -1, 2 ** 31 - 1, -(2 ** 31)]) {
      const table = new NameTable<string>();
      table.put(hash, 'HOST', 4);
      assert.deepEqual(table.bucket(hash), ['HOST'], String(hash));
    }
  });

  test('has hashes of its own', () => {
    assert.notEqual(new NameTable().seed, new NameTable().seed);
  });

  test('has room for 1024 names', () => {
    const table = new NameTable<number>();
    for (let name = 0; name < 1023; name++) table.put(name, name, 1);
    assert.ok(table.hasRoomFor(1, 1));
    assert.ok(!table.hasRoomFor(2, 2));
    table.put(1023, 1023, 1);
    assert.ok(table.hasRoomFor(0, 0));
    assert.ok(!table.hasRoomFor(1, 1));
    table.put(1024, 1024, 1);
    assert.ok(!table.hasRoomFor(0, 0));
  });

  test('has room for 64 KiB of them', () => {
    const table = new NameTable<string>();
    table.put(1, 'long', 65_500);
    assert.ok(table.hasRoomFor(1, 36));
    assert.ok(!table.hasRoomFor(1, 37));
    table.put(2, 'other', 37);
    assert.ok(!table.hasRoomFor(0, 0));
  });

  test('forgets all of them at once', () => {
    const table = new NameTable<string>();
    table.put(1, 'HOST', 65_537);
    table.clear();
    assert.deepEqual(table.bucket(1), []);
    assert.ok(table.hasRoomFor(1024, 65_536));
  });
});
