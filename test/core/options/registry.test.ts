import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { optionsPage } from '../../../src/core/options/docs.ts';
import { declarations } from '../../../src/core/options/names.ts';
import { groups, registry } from '../../../src/core/options/registry.ts';

const letters = declarations().flatMap(([, { short }]) => short ?? []);

test('each letter is one', () => {
  for (const letter of letters) assert.match(letter, /^[A-Za-z]$/);
});

test('the headings hold every option once', () => {
  assert.deepEqual(
    groups.flatMap(({ options }) => Object.keys(options)),
    Object.keys(registry),
  );
});

for (const [name, option] of declarations()) {
  test(`${name} has a default that it could have been given`, () => {
    if (typeof option.default === 'number') assert.equal(option.parse(String(option.default)), option.default);
  });
}

test('docs/options.md is what the declarations say', () => {
  assert.equal(readFileSync('docs/options.md', 'utf8'), optionsPage(), 'run "npm run generate"');
});
