import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const FOLDER = 'src/core/errors';
const sources = readdirSync(FOLDER).map((file) => readFileSync(join(FOLDER, file), 'utf8'));
const codes = sources.flatMap((text) => [...text.matchAll(/readonly code = '(TSU_\w+)'/g)].map(([, code]) => code)).sort();
const page = readFileSync('docs/errors.md', 'utf8');
const headings = [...page.matchAll(/^## (\w+)\n\n(.*)/gm)];

test('no two errors share a code', () => {
  assert.deepEqual(codes, [...new Set(codes)]);
});

test('docs/errors.md lists each code exactly once', () => {
  assert.deepEqual(headings.map(([, code]) => code).sort(), codes);
});

for (const [, code, about] of headings) {
  test(`${code} is explained`, () => {
    assert.ok(about, 'the class has a comment');
  });
}
