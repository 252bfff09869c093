import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { describe, test } from 'node:test';
import { parseArgv } from '../../../src/core/options/argv.ts';
import { parseTopic, readTopics } from '../../../src/core/options/catalog.ts';
import { Findings } from '../../../src/core/options/findings.ts';
import { fold } from '../../../src/core/options/fold.ts';
import type { KnownOption } from '../../../src/core/options/known.ts';
import { lookUp } from '../../../src/core/options/names.ts';

/** The only option of a table with this line. */
function parse(line: string): KnownOption {
  const option = parseTopic(`Caching\nWhat is shared.\n\nunsupported: use Redis\n  ${line}\n`).tables[0]?.options[0];
  assert.ok(option);
  return option;
}

describe('a line of the catalog', () => {
  test('has names, an argument, traits and what the option does', () => {
    assert.deepEqual(parse('-Q, spooler, spool PATH… +master +immediate    folder of tasks'), {
      name: 'spooler',
      aliases: ['spool'],
      short: 'Q',
      arity: 'required',
      kind: 'paths',
      metavar: 'PATH',
      group: 'Caching',
      support: 'unsupported',
      help: 'folder of tasks',
      note: undefined,
      instead: 'use Redis',
      isRefused: false,
      isImmediate: true,
      isRepeatable: true,
      impliesMaster: true,
      needs: [],
      overruledBy: undefined,
      isExtension: false,
      default: undefined,
    });
  });

  for (const { line, arity, kind, isRepeatable } of [
    { line: 'cheap', arity: 'none', kind: 'flag', isRepeatable: false },
    { line: 'cheaper N', arity: 'required', kind: 'count', isRepeatable: false },
    { line: 'snmp [TEXT]', arity: 'optional', kind: 'text', isRepeatable: false },
    { line: 'mule [TEXT]…', arity: 'optional', kind: 'list', isRepeatable: true },
    { line: 'so-send-timeout (SECONDS)', arity: 'none', kind: 'seconds', isRepeatable: false },
    { line: 'auto-weight BOOL', arity: 'required', kind: 'flag', isRepeatable: false },
    { line: 'pivot_root PATH', arity: 'required', kind: 'path', isRepeatable: false },
    { line: 'http-to ADDRESS…', arity: 'required', kind: 'addresses', isRepeatable: true },
  ]) {
    test(`may be ${line}`, () => {
      const option = parse(line);
      assert.deepEqual({ arity: option.arity, kind: option.kind, isRepeatable: option.isRepeatable }, { arity, kind, isRepeatable });
      assert.equal(option.help, undefined);
    });
  }
});

test('a table gives its verdict to each of its options', () => {
  const { title, about, tables } = parseTopic(
    'Any\nOf all sorts.\n\naccepted: Always so.\n  one\n  two\n\nunsupported: leave it out: it is old\n  three\n\nrefused: use another\n  four\n',
  );
  assert.deepEqual({ title, about }, { title: 'Any', about: 'Of all sorts.' });
  assert.deepEqual(
    tables
      .flatMap(({ options }) => options)
      .map(({ name, support, note, instead, isRefused }) => [name, support, note ?? instead, isRefused]),
    [
      ['one', 'accepted', 'Always so.', false],
      ['two', 'accepted', 'Always so.', false],
      ['three', 'unsupported', 'leave it out: it is old', false],
      ['four', 'unsupported', 'use another', true],
    ],
  );
});

const FOLDER = 'src/core/options/catalog';

test('every file of the catalog is read', () => {
  assert.equal(readTopics().length, fs.readdirSync(FOLDER).length);
});

for (const file of fs.readdirSync(FOLDER)) {
  test(`${file} says nothing that the notation has not`, () => {
    const [head = '', ...tables] = fs.readFileSync(`${FOLDER}/${file}`, 'utf8').split('\n\n');
    assert.match(head, /^[A-Z][^\n]*[^.]\n[A-Z][^\n]*\.$/);
    for (const table of tables) {
      assert.match(table, /^(accepted: ["\w].*\.|(unsupported|refused): [a-z].*[^.])\n/);
      for (const line of table.trimEnd().split('\n').slice(1)) {
        assert.match(line, /^ {2}(-\w, )?[a-z]\S*(, [a-z]\S*)*( [[(]?[A-Z]+[\])]?…?)?( \+(master|immediate))*( {2,}[a-z].*[^.])?$/);
      }
    }
  });
}

test('the catalog is not read before a name is met that the registry does not have', (context) => {
  const reading = context.mock.method(fs, 'readFileSync');
  syncBuiltinESMExports();
  const findings = new Findings();
  fold(parseArgv(['--http', ':80', '-Mp4', '--workers=2', '--thunder-lock', '-C660', 'app.ini'], findings).entries, findings);
  assert.equal(reading.mock.callCount(), 0);

  lookUp('spooler');
  const { length } = fs.readdirSync(FOLDER);
  assert.equal(reading.mock.callCount(), length);
  lookUp('mule');
  assert.equal(reading.mock.callCount(), length);
});
