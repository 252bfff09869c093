import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatOfSource, wordsFor } from '../../src/cli/config-file.ts';

describe('a config file is given to the server', () => {
  for (const { file, words } of [
    { file: 'app.ini', words: ['app.ini'] },
    { file: '/etc/app.yml', words: ['/etc/app.yml'] },
    { file: 'app.ini:staging', words: ['--ini', 'app.ini:staging'] },
    { file: 'app.yaml:staging', words: ['--yaml', 'app.yaml:staging'] },
    { file: 'app.conf', words: ['--ini', 'app.conf'] },
    { file: '-', words: ['--ini', '-'] },
  ]) {
    test(`${file}: ${words.join(' ')}`, () => {
      assert.deepEqual(wordsFor(file), words);
    });
  }
});

for (const { file, format } of [
  { file: 'app.json', format: 'json' },
  { file: 'app.xml:two', format: 'xml' },
  { file: 'conf.d/app', format: 'ini' },
]) {
  test(`${file} is taken for ${format}`, () => {
    assert.equal(formatOfSource(file), format);
  });
}
