import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadOptions } from '../../../src/core/config/load.ts';
import { asVassal } from '../../../src/core/plan/vassal.ts';

const vassalOf = (line: string, isRoot = true) => {
  const { options, entries } = loadOptions(line.split(' '), {});
  return asVassal(options, entries, { isRoot });
};

test('a vassal has a master, unless it says otherwise', () => {
  assert.equal(vassalOf('--http :80').master, true);
  assert.equal(vassalOf('--set master=false').master, false);
  assert.equal(vassalOf('--master').master, true);
});

for (const { line, log } of [
  { line: '--daemonize a.log --logto b.log', log: 'a.log' },
  { line: '--daemonize2 a.log', log: 'a.log' },
  { line: '--logto b.log', log: 'b.log' },
]) {
  test(`a vassal stays where it is, with its log, with ${line}`, () => {
    const { daemonize, daemonize2, logto } = vassalOf(line);
    assert.deepEqual([daemonize, daemonize2, logto], [undefined, undefined, log]);
  });
}

test('a vassal that is not root is who it is', () => {
  const line = '--uid www-data --gid www-data';
  assert.deepEqual([vassalOf(line).uid, vassalOf(line).gid], ['www-data', 'www-data']);
  assert.deepEqual([vassalOf(line, false).uid, vassalOf(line, false).gid], [undefined, undefined]);
});
