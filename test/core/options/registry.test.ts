import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { optionsPage } from '../../../src/core/options/docs.ts';
import { declarations } from '../../../src/core/options/names.ts';
import { groups, registry } from '../../../src/core/options/registry.ts';
import { isUwsgiOption } from '../../../src/core/options/uwsgi-names.ts';

const names = declarations().flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
const letters = declarations().flatMap(([, { short }]) => short ?? []);

test('no two options share a name', () => {
  assert.deepEqual(names, [...new Set(names)]);
});

test('no two options share a letter, and each letter is one', () => {
  assert.deepEqual(letters, [...new Set(letters)]);
  for (const letter of letters) assert.match(letter, /^[A-Za-z]$/);
});

test('the headings hold every option once', () => {
  assert.deepEqual(
    groups.flatMap(({ options }) => Object.keys(options)),
    Object.keys(registry),
  );
});

for (const [name, option] of declarations()) {
  test(`${name} is an option of uWSGI or says that it is not`, () => {
    if (option.extension === undefined) assert.ok(isUwsgiOption(name));
  });

  test(`${name} tells why when it has no effect`, () => {
    if (option.support !== undefined) assert.ok(option.note);
  });

  test(`${name} has a default that it could have been given`, () => {
    if (typeof option.default === 'number') assert.equal(option.parse(String(option.default)), option.default);
  });
}

test('docs/options.md is what the declarations say', () => {
  assert.equal(readFileSync('docs/options.md', 'utf8'), optionsPage(), 'run "npm run generate"');
});
