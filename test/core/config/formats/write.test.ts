import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ConfigComment, ConfigDocument, ConfigFormat } from '../../../../src/core/config/formats/document.ts';
import { readDocument } from '../../../../src/core/config/formats/read.ts';
import { writeDocument } from '../../../../src/core/config/formats/write.ts';
import { ConfigConversionError } from '../../../../src/core/errors/config-conversion.ts';

type Pair = readonly [key: string, value: string];

const FORMATS: readonly ConfigFormat[] = ['ini', 'yaml', 'json', 'xml'];

const SAMPLE = documentOf(
  [
    ['socket', ':3031'],
    ['env', 'A=1'],
    ['env', 'B=2'],
    ['processes', '4'],
    ['env', 'C=<&>'],
    ['log-format', '%(addr) # %(uri)'],
    ['name', ''],
  ],
  [
    { line: 0, text: 'the whole' },
    { line: 25, text: 'two\nlines' },
    { line: 99, text: 'the end -- -' },
  ],
);

describe('writeDocument', () => {
  test('writes INI', () => {
    assert.equal(
      writeDocument('ini', SAMPLE, 'dev'),
      '[dev]\n# the whole\nsocket = :3031\nenv = A=1\n# two\n# lines\nenv = B=2\nprocesses = 4\nenv = C=<&>\n' +
        'log-format = %(addr) # %(uri)\nname =\n# the end -- -\n',
    );
  });

  test('writes YAML, with neighbours of one key as a list', () => {
    assert.equal(
      writeDocument('yaml', SAMPLE, 'dev'),
      'dev:\n  # the whole\n  socket: :3031\n  env:\n    - A=1\n  # two\n  # lines\n    - B=2\n  processes: 4\n  env: C=<&>\n' +
        '  log-format: "%(addr) # %(uri)"\n  name: ""\n  # the end -- -\n',
    );
  });

  test('writes JSON, with neighbours of one key as a list and without comments', () => {
    assert.equal(
      writeDocument('json', SAMPLE, 'dev'),
      '{\n  "dev": {\n    "socket": ":3031",\n    "env": ["A=1", "B=2"],\n    "processes": 4,\n    "env": "C=<&>",\n' +
        '    "log-format": "%(addr) # %(uri)",\n    "name": ""\n  }\n}\n',
    );
  });

  test('writes XML', () => {
    assert.equal(
      writeDocument('xml', SAMPLE, 'dev'),
      '<uwsgi id="dev">\n  <!-- the whole -->\n  <socket>:3031</socket>\n  <env>A=1</env>\n  <!-- two -->\n  <!-- lines -->\n' +
        '  <env>B=2</env>\n  <processes>4</processes>\n  <env>C=&lt;&amp;&gt;</env>\n  <log-format>%(addr) # %(uri)</log-format>\n' +
        '  <name><![CDATA[]]></name>\n  <!-- the end - - - -->\n</uwsgi>\n',
    );
  });

  for (const format of FORMATS) {
    test(`writes an empty section in ${format}`, () => {
      const { pairs, sections } = readDocument(format, writeDocument(format, documentOf([]), 'dev'), 'dev');
      assert.deepEqual({ pairs, sections }, { pairs: [], sections: ['dev'] });
    });
  }

  for (const format of ['ini', 'yaml', 'xml'] as const) {
    test(`keeps comments above their lines in ${format}`, () => {
      const { pairs, comments } = readDocument(format, writeDocument(format, SAMPLE, 'uwsgi'), 'uwsgi');
      const below = comments.map(({ line, text }) => [text.slice(0, 3), pairs.find((pair) => pair.line > line)?.value]);
      assert.deepEqual(below, [
        ['the', ':3031'],
        ['two', 'B=2'],
        ['lin', 'B=2'],
        ['the', undefined],
      ]);
    });
  }

  for (const { what, format, pair } of [
    { what: 'a line break', format: 'ini', pair: ['a', 'x\ny'] },
    { what: 'blanks at the end', format: 'ini', pair: ['a', 'x '] },
    { what: 'a key that begins a comment', format: 'ini', pair: ['#a', '1'] },
    { what: 'a key with an equals sign', format: 'ini', pair: ['a=b', '1'] },
    { what: 'a control character', format: 'xml', pair: ['a', '\u0001'] },
    { what: 'a key that is no name', format: 'xml', pair: ['a b', '1'] },
    { what: 'an application', format: 'xml', pair: ['app', 'x'] },
    { what: 'a NUL', format: 'json', pair: ['a', '\0'] },
  ] as const) {
    test(`refuses ${what} in ${format}`, () => {
      assert.throws(() => writeDocument(format, documentOf([['first', '1'], pair]), 'uwsgi'), {
        constructor: ConfigConversionError,
        code: 'TSU_CONFIG_CONVERSION',
        key: pair[0],
        line: 20,
      });
    });
  }
});

describe('what is written in', () => {
  for (const format of FORMATS) {
    test(`${format} reads as the same`, () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(keys(), values())), (pairs) => {
          const text = tryWrite(format, pairs);
          if (text === undefined) return;
          assert.deepEqual(read(format, text), pairs);
        }),
        { seed: 20210, numRuns: 500 },
      );
    });
  }

  for (const format of ['yaml', 'json'] as const) {
    test(`${format} can be anything`, () => {
      fc.assert(
        fc.property(fc.tuple(texts(), texts()), (pair) => {
          assert.deepEqual(read(format, writeDocument(format, documentOf([pair, ['b', '1']]), 'uwsgi')), [pair, ['b', '1']]);
        }),
        { seed: 20210, numRuns: 500 },
      );
    });
  }
});

/** Few different keys, so that they repeat. */
function keys(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('env', 'socket', 'route-run', 'constructor', '__proto__', 'uwsgi', 'true', '1'),
    fc.stringMatching(/^[a-z][\w-]{0,9}$/),
  );
}

function values(): fc.Arbitrary<string> {
  return fc.oneof(fc.constantFrom('', '1', 'true', '~', '007', '%(x)', 'a: b', 'x # y', '- z', '"q"', ' ', '<a>', ']]>'), texts());
}

/** Any text, with a taste for signs that mean something. */
function texts(): fc.Arbitrary<string> {
  const signs = fc.constantFrom(...Array.from(':#%{}[]"\'|>-?&*!@`,= \n\r\tab01<>;/\\.~\u2028\u0085é😀\uFEFF'));
  return fc
    .oneof(fc.string({ unit: signs, maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 8 }))
    .filter((text) => !text.includes('\0'));
}

function tryWrite(format: ConfigFormat, pairs: readonly Pair[]): string | undefined {
  try {
    return writeDocument(format, documentOf(pairs), 'uwsgi');
  } catch (error) {
    if (error instanceof ConfigConversionError) return undefined;
    throw error;
  }
}

function read(format: ConfigFormat, text: string): readonly Pair[] {
  return readDocument(format, text, undefined).pairs.map(({ key, value }) => [key, value]);
}

function documentOf(pairs: readonly Pair[], comments: readonly ConfigComment[] = []): ConfigDocument {
  return {
    pairs: pairs.map(([key, value], index) => ({ key, value, line: 10 * (index + 1) })),
    sections: ['uwsgi'],
    comments,
    oddities: [],
  };
}
