import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

const MODULE = pathToFileURL('src/core/log/standard-streams.ts').href;

let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'streams-'));
});
after(() => rmSync(directory, { recursive: true }));

/** What a program prints that redirects its output in between. */
function run(path: string) {
  const program = `
    import { redirectOutput } from ${JSON.stringify(MODULE)};
    console.log('before');
    try { redirectOutput(${JSON.stringify(path)}); } catch (error) { console.log(error.message); }
    console.log('output');
    console.error('error');
    console.error('the last words');`;
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { encoding: 'utf8' });
}

test('output and errors go to the file from then on, in order', () => {
  const path = join(directory, 'log');
  const { stdout, stderr } = run(path);
  assert.equal(stdout + stderr, 'before\n');
  assert.equal(readFileSync(path, 'utf8'), 'output\nerror\nthe last words\n');
});

test('a file that cannot be written changes nothing', () => {
  const { stdout, stderr } = run(join(directory, 'nowhere/log'));
  assert.match(stdout, /^before\ncannot write the log .*no such file or directory\noutput\n$/);
  assert.equal(stderr, 'error\nthe last words\n');
});
