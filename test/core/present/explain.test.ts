import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { readConfig } from '../../../src/core/config/load.ts';
import { explain } from '../../../src/core/present/explain.ts';
import { tempDir } from '../../helpers/temp.ts';

/** What is said of these lines of a file, by what stands in them; the folder is left out. */
function explained(t: TestContext, lines: readonly string[], environment: NodeJS.ProcessEnv = {}): Record<string, string> {
  const dir = tempDir(t, { 'app.ini': ['[uwsgi]', ...lines].join('\n') });
  const found = explain(readConfig([join(dir, 'app.ini')], environment)).lines;
  return Object.fromEntries(found.map(({ written, sentences }) => [written, sentences.join(' ').replaceAll(`${dir}/`, '')]));
}

describe('what a line is', () => {
  test('an option has its help', (t) => {
    assert.match(explained(t, ['threads = 2'])['threads = 2'] ?? '', /^How many requests each worker runs at a time/);
  });

  test('an alias names its option', (t) => {
    assert.match(explained(t, ['workers = 2'])['workers = 2'] ?? '', /Another name of "processes"\./);
  });

  test('what is accepted says why it does nothing', (t) => {
    assert.match(explained(t, ['enable-threads = true'])['enable-threads = true'] ?? '', /Accepted without effect\. They always run\.$/);
  });

  test('what is not supported is said to be so', (t) => {
    assert.match(explained(t, ['psgi = app.psgi'])['psgi = app.psgi'] ?? '', /Not supported by tsuwsgi\./);
  });

  test('an unknown key is a placeholder where another line uses it', (t) => {
    const lines = ['base = /srv', 'chdir = %(base)', 'pythonpath = %(base)', 'if-opt = base', 'endif ='];
    assert.equal(explained(t, lines)['base = /srv'], 'No option but a placeholder, used in app.ini:3, app.ini:4, app.ini:5.');
  });

  test('any other unknown key is for nothing, and what was probably meant is named', (t) => {
    const said = explained(t, ['proceses = 2'])['proceses = 2'] ?? '';
    assert.match(said, /^Warning: there is no option "proceses".*"processes"/);
  });
});

describe('what becomes of a line', () => {
  test('placeholders have a value', (t) => {
    const said = explained(t, ['base = /srv', 'chdir = %(base)/src'])['chdir = %(base)/src'] ?? '';
    assert.match(said, /Here it is "\/srv\/src"\./);
  });

  test('a line of a loop has several', (t) => {
    assert.match(explained(t, ['for = a b', 'env = X=%(_)', 'endfor ='])['env = X=%(_)'] ?? '', /Here it is "X=a", then "X=b"\./);
  });

  test('a line whose condition does not hold is passed over', (t) => {
    const said = explained(t, ['if-env = NOWHERE', 'processes = 4', 'endif =']);
    assert.match(said['processes = 4'] ?? '', /Passed over: the lines around it decide so\./);
    assert.doesNotMatch(said['endif ='] ?? '', /Passed over/);
  });

  test('a value that a later line replaces says which', (t) => {
    const said = explained(t, ['processes = 2', 'workers = 4']);
    assert.match(said['processes = 2'] ?? '', /Overridden by app\.ini:3: workers = 4\./);
    assert.doesNotMatch(said['workers = 4'] ?? '', /Overridden/);
  });

  test('values that add up override nothing', (t) => {
    assert.doesNotMatch(explained(t, ['env = A=1', 'env = B=2'])['env = A=1'] ?? '', /Overridden/);
  });

  test('a bad value is told where it stands', (t) => {
    assert.match(explained(t, ['threads = many'])['threads = many'] ?? '', /Error: "threads" takes/);
  });
});

test('what is wrong elsewhere is handed over beside', (t) => {
  const dir = tempDir(t, { 'app.ini': '[uwsgi]\nprocesses = 2\n' });
  const { others } = explain(readConfig([join(dir, 'app.ini'), '--threads', 'many'], {}));
  assert.deepEqual(
    others.map(({ severity, option }) => [severity, option]),
    [['error', undefined]],
  );
});
