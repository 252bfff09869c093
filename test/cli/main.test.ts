import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandWords, filesToValidate } from '../../src/cli/main.ts';

for (const { words, command } of [
  { words: ['options'], command: ['options'] },
  { words: ['options', 'reload'], command: ['options', 'reload'] },
  { words: ['serve', '--http', ':80'], command: ['serve', '--http', ':80'] },
  { words: ['--help'], command: ['--help'] },
  { words: ['-h'], command: ['--help'] },
  { words: ['--usage'], command: ['--help'] },
  { words: ['--http', ':80', '--help'], command: ['--help'] },
  { words: ['help'], command: ['--help'] },
  { words: ['help', 'options'], command: ['options', '--help'] },
  { words: ['--version'], command: ['--version'] },
  { words: ['-M', '--version'], command: ['--version'] },
]) {
  test(`${words.join(' ')} is a matter of oclif`, () => {
    assert.deepEqual(commandWords(words), command);
  });
}

for (const words of [
  ['app.ini'],
  ['--http', ':80'],
  ['-Mp4'],
  ['statz'],
  ['--callable', '--help'],
  ['--', '--help'],
  ['../commands/serve'],
  [''],
]) {
  test(`${words.join(' ') || 'the empty word'} is a matter of the server`, () => {
    assert.equal(commandWords(words), undefined);
  });
}

for (const { words, files } of [
  { words: ['config', 'validate', 'app.ini', '--strict'], files: ['app.ini', '--strict'] },
  { words: ['config', 'validate'], files: [] },
]) {
  test(`${words.join(' ')} needs no oclif`, () => {
    assert.deepEqual(filesToValidate(words), files);
  });
}

for (const words of [
  ['config', 'validate', '--help'],
  ['config', 'validate', 'app.ini', '-h'],
  ['config', 'show', 'app.ini'],
  ['app.ini'],
]) {
  test(`${words.join(' ')} is no validation`, () => {
    assert.equal(filesToValidate(words), undefined);
  });
}
