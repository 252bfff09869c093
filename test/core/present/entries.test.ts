import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OptionEntry } from '../../../src/core/options/entry.ts';
import { entriesAsDocument, entriesAsText, shownEntries } from '../../../src/core/present/entries.ts';

const ENTRIES: readonly OptionEntry[] = [
  { name: 'threads', text: '2', origin: { kind: 'environment', variable: 'UWSGI_THREADS' } },
  { name: 'master', text: '', isBare: true, origin: { kind: 'argv', argument: '-M' } },
  { name: 'env', text: 'MOTTO=one\ntwo', origin: { kind: 'file', path: 'app.yaml', line: 3 } },
  { name: 'vacuum', text: '', origin: { kind: 'file', path: 'app.ini', line: 9 } },
];

test('as text, each entry is a line and what belongs to it is set in', () => {
  assert.equal(entriesAsText(ENTRIES), '[uwsgi]\nthreads = 2\nmaster = true\nenv = MOTTO=one\n    two\nvacuum =\n');
});

test('for other programs, each entry has its place', () => {
  assert.deepEqual(shownEntries(ENTRIES), [
    { name: 'threads', value: '2', file: null, line: null, origin: 'variable UWSGI_THREADS' },
    { name: 'master', value: 'true', file: null, line: null, origin: 'argument -M' },
    { name: 'env', value: 'MOTTO=one\ntwo', file: 'app.yaml', line: 3, origin: 'app.yaml:3' },
    { name: 'vacuum', value: '', file: 'app.ini', line: 9, origin: 'app.ini:9' },
  ]);
});

test('as a document, the order is kept', () => {
  assert.deepEqual(
    entriesAsDocument(ENTRIES).pairs.map(({ key, value }) => [key, value]),
    [
      ['threads', '2'],
      ['master', 'true'],
      ['env', 'MOTTO=one\ntwo'],
      ['vacuum', ''],
    ],
  );
});
