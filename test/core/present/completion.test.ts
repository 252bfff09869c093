import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test, type TestContext } from 'node:test';
import { type CompletedCommand, completionScript, SHELLS } from '../../../src/core/present/completion.ts';
import { tempDir } from '../../helpers/temp.ts';

const HELP = { name: 'help', values: [] };
const COMMANDS: readonly CompletedCommand[] = [
  { words: 'config convert', flags: [{ name: 'to', values: ['ini', 'yaml'] }, HELP], argument: 'config' },
  { words: 'config show', flags: [{ name: 'all', values: [] }, HELP], argument: 'config' },
  { words: 'options', flags: [HELP], argument: 'unknown' },
  { words: 'serve', flags: [HELP], argument: 'unknown' },
  { words: 'autocomplete', flags: [HELP], argument: ['bash', 'zsh'] },
];

const FILES = { 'app.ini': '', 'app.yaml': '', 'my site.ini': '', 'server.py': '', 'conf.d/a.ini': '' };
const CONFIGS = ['app.ini', 'app.yaml', 'conf.d', 'my site.ini'];

/** What bash offers for the last of these words. */
function complete(t: TestContext, ...words: string[]): string[] {
  const script = `eval "$(cat)"; COMP_WORDS=(tsuwsgi "$@"); COMP_CWORD=$#; _tsuwsgi; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, 'bash', ...words], {
    input: completionScript('bash', COMMANDS),
    cwd: tempDir(t, FILES),
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

describe('in bash', () => {
  for (const { words, offered } of [
    { words: ['config', ''], offered: ['convert', 'show'] },
    { words: ['help', ''], offered: ['autocomplete', 'config', 'options', 'serve'] },
    { words: ['help', 'config', 's'], offered: ['show'] },
    { words: ['config', 'show', '--'], offered: ['--all', '--help'] },
    { words: ['config', 'show', 'app'], offered: ['app.ini', 'app.yaml'] },
    { words: ['config', 'convert', 'app.ini', '--to', ''], offered: ['ini', 'yaml'] },
    { words: ['config', 'convert', 'app.ini', '--to', '=', 'y'], offered: ['yaml'] },
    { words: ['config', 'show', '--', '--http-s'], offered: ['--http-socket'] },
    { words: ['autocomplete', ''], offered: ['bash', 'zsh'] },
    { words: ['options', ''], offered: [] },
    { words: ['--worke'], offered: ['--worker-mount', '--worker-reload-mercy', '--workers'] },
    { words: ['serve', '--http-s'], offered: ['--http-socket'] },
    { words: ['--ini', ''], offered: CONFIGS },
    { words: ['--yaml', ''], offered: CONFIGS },
    { words: ['-M', ''], offered: CONFIGS },
    { words: ['--master', ''], offered: CONFIGS },
    { words: ['--wsgi-file', ''], offered: [...CONFIGS, 'server.py'].sort() },
    { words: ['--wsgi-file', '='], offered: [...CONFIGS, 'server.py'].sort() },
    { words: ['--wsgi-file', '=', 's'], offered: ['server.py'] },
    { words: ['--processes', ''], offered: [] },
  ]) {
    test(`tsuwsgi ${words.join(' ')}|`, (t) => {
      assert.deepEqual(complete(t, ...words), offered);
    });
  }

  test('the first word is a command or a config file', (t) => {
    assert.deepEqual(complete(t, ''), [...CONFIGS, 'autocomplete', 'config', 'help', 'options', 'serve'].sort());
  });
});

for (const shell of SHELLS) {
  test(`the script is ${shell} without a mistake`, () => {
    const { status, stderr, error } = spawnSync(shell, ['-n'], { input: completionScript(shell, COMMANDS), encoding: 'utf8' });
    // Where a shell is not installed, nobody completes in it.
    if (error === undefined) assert.equal(status, 0, stderr);
  });
}
