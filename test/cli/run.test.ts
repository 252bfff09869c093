/** The program as it is installed. Needs the build, which `npm test` does first. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import type { Option } from '../../src/core/options/define.ts';
import { groups } from '../../src/core/options/registry.ts';

const ENTRY = resolve('bin/run.js');

function run(words: readonly string[], { entry = ENTRY, cwd = '/' } = {}) {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(UWSGI_|NODE_|FORCE_COLOR)/.test(name)));
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...words], {
    cwd,
    encoding: 'utf8',
    env: environment,
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

describe('help', () => {
  const { status, stdout } = run(['--help']);

  test('shows how to start the server, and the commands', () => {
    assert.equal(status, 0);
    assert.match(stdout, /^ {2}\$ tsuwsgi \[flags\] \[file\.ini\]$/m);
    assert.match(stdout, /^COMMANDS\n[^]*^ {2}options /m);
  });

  for (const { title, options } of groups.filter(({ title }) => title !== 'Accepted without effect')) {
    test(`has the options under ${title}`, () => {
      assert.match(stdout, new RegExp(`^${title.toUpperCase()}$`, 'm'));
      const shown = Object.entries<Option>(options).filter(([, { support }]) => support !== 'accepted');
      for (const [name] of shown) assert.match(stdout, new RegExp(`\\b${name}\\b`));
    });
  }

  test('has nothing that does nothing', () => {
    assert.doesNotMatch(stdout, /thunder-lock|ACCEPTED|spooler/);
  });

  test('keeps names under each other also where the first option has no letter', () => {
    assert.match(stdout, /^ {6}--wsgi-file=PATH/m);
    assert.match(stdout, /^ {2}-w, --module=/m);
  });

  test('of serve is the same', () => {
    assert.match(run(['serve', '--help']).stdout, /^ {2}-p, --processes=N/m);
  });
});

test('the version is shown wherever it is asked for', () => {
  assert.match(run(['-M', '--version']).stdout, /^tsuwsgi\/\d+\.\d+\.\d+/);
});

test('no words at all are answered with the usage and status 1', () => {
  const { status, stdout, stderr } = run([]);
  assert.deepEqual({ status, stdout }, { status: 1, stdout: '' });
  assert.match(stderr, /^usage: tsuwsgi/);
});

for (const words of [
  ['--proceses', '4'],
  ['serve', '--proceses', '4'],
]) {
  test(`${words.join(' ')} ends with the nearest name and no stack`, () => {
    const { status, stderr } = run(words);
    assert.equal(status, 1);
    assert.equal(
      stderr,
      `tsuwsgi: argument --proceses: there is no option "proceses"
  Try this: write "--processes"
  Code: TSU_UNKNOWN_OPTION
  Reference: docs/errors.md#tsu_unknown_option
`,
    );
  });
}

test('runs through a symbolic link from any folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsuwsgi-link-'));
  try {
    const entry = join(folder, 'tsuwsgi');
    symlinkSync(ENTRY, entry);
    assert.equal(run(['options', 'harakiri'], { entry, cwd: folder }).status, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
