import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { convert } from '../../../src/core/present/conversion.ts';

/** An INI file as YAML. */
function toYaml(text: string, section?: string) {
  return convert({ path: 'app.ini', format: 'ini', text, section }, 'yaml');
}

test('order, repeats and text are kept', () => {
  const { text, notices } = toYaml('[uwsgi]\nenv = B=2\nchdir = %d\nenv = A=$(A)\n');
  assert.equal(
    convert({ path: 'app.yaml', format: 'yaml', text, section: undefined }, 'ini').text,
    '[uwsgi]\nenv = B=2\nchdir = %d\nenv = A=$(A)\n',
  );
  assert.deepEqual(notices, []);
});

test('the section keeps its name', () => {
  assert.match(toYaml('[two]\nthreads = 2\n', 'two').text, /^two:\n/);
});

describe('what the new file does not have is told', () => {
  test('other sections', () => {
    assert.deepEqual(toYaml('[uwsgi]\nthreads = 2\n[one]\n[two]\n').notices, ['app.ini: only [uwsgi] is converted, not [one], [two]']);
  });

  test('a reference to one of them', () => {
    const [, notice] = toYaml('[uwsgi]\nini = :one\n[one]\nthreads = 2\n').notices;
    assert.match(notice ?? '', /^app\.ini:2: "ini = :one" names a section that the new file does not have; .*"--section one"/);
  });

  test('comments, where the format has none', () => {
    const config = { path: 'app.ini', format: 'ini', text: '[uwsgi]\n; one\nthreads = 2\n# two\n', section: undefined } as const;
    assert.deepEqual(convert(config, 'json').notices, ['app.ini: JSON has no comments: those of line 2, 4 are left out']);
    assert.deepEqual(convert(config, 'xml').notices, []);
  });

  test('lines that are not read', () => {
    assert.match(toYaml('threads = 2\n[uwsgi]\nmaster = true\n').notices.join(), /^app\.ini:1: /);
  });
});

describe('refused is', () => {
  test('a section that is not there', () => {
    assert.throws(() => toYaml('[one]\nthreads = 2\n'), {
      code: 'TSU_CONFIG_FORMAT',
      message: /app\.ini.*no section \[uwsgi\]/,
      suggestions: ['write "--section one"'],
    });
  });

  test('text that is not of its format, with its line', () => {
    assert.throws(() => convert({ path: 'app.json', format: 'json', text: '{\n"uwsgi": [}', section: undefined }, 'ini'), {
      code: 'TSU_CONFIG_SYNTAX',
      message: /^app\.json:2: /,
    });
  });
});
