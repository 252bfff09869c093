import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullRow, helpRow, mentions } from '../../src/cli/option-list.ts';
import { type KnownOption, lookUp } from '../../src/core/options/names.ts';

function option(name: string): KnownOption {
  const known = lookUp(name);
  assert.ok(known);
  return known;
}

test('an option is shown with its letter, argument and default', () => {
  assert.deepEqual(helpRow(option('processes')), ['-p, --processes=N', 'how many workers to fork [default: 1]']);
  assert.equal(helpRow(option('master'))[0], '-M, --master');
  assert.equal(helpRow(option('chmod-socket'))[0], '-C, --chmod-socket[=MODE]');
});

test('the list also has the other names and what differs from uWSGI', () => {
  assert.match(fullRow(option('virtualenv'))[1], /Also --home, --venv, --pyhome\./);
});

for (const { name, row } of [
  { name: 'thunder-lock', row: 'take turns in accepting connections. No effect: The kernel wakes one waiting worker for each connection.' },
  { name: 'lock-engine', row: 'No effect: Its locks are those of the kernel.' },
  { name: 'cron', row: 'run a program at these times. Not supported: run it with cron or a timer of systemd.' },
  { name: 'force-cwd', row: 'Not supported: name the folder with chdir.' },
  { name: 'abstract-socket', row: 'Not supported, and an error: put @ in front of the address: socket = @name.' },
]) {
  test(`the list tells what becomes of ${name}`, () => {
    assert.equal(fullRow(option(name))[1], row);
  });
}

for (const { word, name, found } of [
  { word: 'virtual', name: 'virtualenv', found: true },
  { word: '--pyhome', name: 'virtualenv', found: true },
  { word: 'INTERPRETER', name: 'virtualenv', found: true },
  { word: '', name: 'virtualenv', found: true },
  { word: 'socket', name: 'virtualenv', found: false },
  { word: 'systemd', name: 'cron', found: true },
]) {
  test(`searching "${word}" ${found ? 'finds' : 'does not find'} ${name}`, () => {
    assert.equal(mentions(word, option(name)), found);
  });
}
