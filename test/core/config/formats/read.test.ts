import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ConfigFormat, SyntaxProblem } from '../../../../src/core/config/formats/document.ts';
import { formatOf, readDocument } from '../../../../src/core/config/formats/read.ts';

const FORMATS: readonly ConfigFormat[] = ['ini', 'yaml', 'json', 'xml'];

// First of all, while nothing else has been read in this process.
test('loads no parser for INI, and none before it is wanted', () => {
  const isLoaded = (name: string) =>
    Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes(`/node_modules/${name}/`));
  const libraries: readonly (readonly [ConfigFormat, string, string])[] = [
    ['yaml', 'js-yaml', 'uwsgi:\n  a: 1'],
    ['json', 'jsonc-parser', '{"uwsgi": {"a": 1}}'],
    ['xml', 'fast-xml-parser', '<uwsgi><a>1</a></uwsgi>'],
  ];
  readDocument('ini', '[uwsgi]\na = 1', undefined);
  for (const [format, name, text] of libraries) {
    assert.ok(!isLoaded(name), `${name} is loaded too early`);
    readDocument(format, text, undefined);
    assert.ok(isLoaded(name), `${name} cannot be seen`);
  }
});

test('knows a format by the suffix of the file', () => {
  const files = ['a.ini', '/x/b.xml', 'c.yaml', 'd.yml', 'e.json', 'f.js', 'g.conf', 'h', 'i.INI', '.ini'];
  assert.deepEqual(files.map(formatOf), ['ini', 'xml', 'yaml', 'yaml', 'json', 'json', undefined, undefined, undefined, undefined]);
});

/** What uWSGI 2.0.21 itself made of a file, printed as `key = value`; with libyaml, and with its own YAML parser. */
interface Case {
  readonly name: string;
  readonly format: ConfigFormat;
  readonly input: string;
  readonly env: object;
  readonly libyaml_build: { readonly config?: string };
  readonly embedded_yaml_build: { readonly config?: string };
}

describe('readDocument and uWSGI', () => {
  const cases = JSON.parse(readFileSync('test/fixtures/config/uwsgi-cases.json', 'utf8')) as readonly Case[];
  // The others are about what comes after reading: variables, conditions, includes.
  const plain = cases.filter(({ input, env }) => Object.keys(env).length === 0 && !/%|^(if-|for|ini|strict)/m.test(input));

  for (const { name, format, input, libyaml_build: wanted, embedded_yaml_build: other } of plain) {
    test(`agree about ${name}.${format}`, () => {
      const found = lines(format, input);
      if (wanted.config !== undefined) assert.equal(found, wanted.config);
      // Its own parser stops without a word where it does not understand a line.
      else assert.ok(found.startsWith(other.config ?? 'an answer'), found);
    });
  }
});

describe('readDocument', () => {
  for (const format of FORMATS) {
    test(`sees the beginning of ${format} behind a byte order mark`, () => {
      const text = { ini: '[uwsgi]\na=1', yaml: 'uwsgi:\n  a: 1', json: '{"uwsgi":{"a":1}}', xml: '<uwsgi><a>1</a></uwsgi>' }[format];
      assert.equal(lines(format, `\uFEFF${text}`), 'a = 1\n');
    });
  }

  test('ends a text at a NUL, and says so', () => {
    const { pairs, oddities } = readDocument('json', '{"uwsgi": {\n"a": "x\\u0000y", "b": 1}}', undefined);
    assert.deepEqual(pairs, [
      { key: 'a', value: 'x', line: 2 },
      { key: 'b', value: '1', line: 2 },
    ]);
    assert.deepEqual(
      oddities.map(({ line, rule }) => [line, rule]),
      [[2, 'nul']],
    );
  });

  for (const format of FORMATS) {
    test(`survives any text as ${format}`, () => {
      fc.assert(
        fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), scraps()), (text) => {
          try {
            readDocument(format, text, undefined);
          } catch (error) {
            if (!(error instanceof SyntaxProblem)) throw error;
            assert.ok(error.line >= 1 && error.line <= text.split(/\r\n?|\n/).length + 1, `line ${error.line}`);
          }
        }),
        { seed: 20210, numRuns: 400 },
      );
    });
  }

  for (const [what, format, text] of [
    ['mappings', 'yaml', `uwsgi: ${'{a: '.repeat(50_000)}`],
    ['lists', 'json', `{"uwsgi": ${'['.repeat(500_000)}`],
    ['elements', 'xml', `<uwsgi>${'<a>'.repeat(50_000)}${'</a>'.repeat(50_000)}</uwsgi>`],
  ] as const) {
    test(`refuses endless ${what} in ${format}`, () => {
      assert.throws(() => readDocument(format, text, undefined), SyntaxProblem);
    });
  }
});

/** Pieces of all formats in any order. */
function scraps(): fc.Arbitrary<string> {
  const pieces = [
    ...['uwsgi:', 'uwsgi', '[uwsgi]', '{"uwsgi":', '<uwsgi>', '</uwsgi>', '<a>', '</a>', '<a id="x">', '<b/>', '<app>', '</app>'],
    ...['<!-- x -->', '<![CDATA[x]]>', '<!DOCTYPE u [<!ENTITY e "x">]>', '&e;', '&lt;', '&#65;', '<?p?>', '"a": ', '"', ',', '}', ']'],
    ...['a: ', 'a', '- ', '\n', '\n  ', '\n    ', '\t', '&x ', '*x', '!t ', '|', '>', '? ', '{', '[', ': ', '#', ' # c', '%', "'", '1'],
  ];
  return fc.array(fc.constantFrom(...pieces), { maxLength: 25 }).map((parts) => parts.join(''));
}

function lines(format: ConfigFormat, text: string): string {
  const { pairs } = readDocument(format, text, undefined);
  return pairs.map(({ key, value }) => `${key} = ${value}\n`).join('');
}
