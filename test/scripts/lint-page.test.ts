import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ruleTexts } from '../../src/core/lint/rules.ts';

const page = readFileSync('docs/lint.md', 'utf8');

test('docs/lint.md has a section for each rule, and no other', () => {
  const headings = [...page.matchAll(/^### (\S+)$/gm)].map(([, id]) => id);
  assert.deepEqual(headings.sort(), ruleTexts.map(({ id }) => id).sort());
});
