import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullRow, helpRow, mentions } from '../../src/cli/option-list.ts';
import { registry } from '../../src/core/options/registry.ts';

const { processes, virtualenv, master } = registry;
const chmodSocket = registry['chmod-socket'];

test('an option is shown with its letter, argument and default', () => {
  assert.deepEqual(helpRow('processes', processes), ['-p, --processes=N', 'how many workers to fork [default: 1]']);
  assert.equal(helpRow('master', master)[0], '-M, --master');
  assert.equal(helpRow('chmod-socket', chmodSocket)[0], '-C, --chmod-socket[=MODE]');
});

test('the list also has the other names and what differs from uWSGI', () => {
  assert.match(fullRow('virtualenv', virtualenv)[1], /Also --home, --venv, --pyhome\./);
});

for (const { word, found } of [
  { word: 'virtual', found: true },
  { word: '--pyhome', found: true },
  { word: 'INTERPRETER', found: true },
  { word: '', found: true },
  { word: 'socket', found: false },
]) {
  test(`searching "${word}" ${found ? 'finds' : 'does not find'} virtualenv`, () => {
    assert.equal(mentions(word, 'virtualenv', virtualenv), found);
  });
}
