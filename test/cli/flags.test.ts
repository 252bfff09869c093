import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { serverFlags } from '../../src/cli/flags.ts';
import { declarations } from '../../src/core/options/names.ts';

const manifest = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as {
  commands: Record<string, { flags: Record<string, { char?: string; aliases?: string[] }> }>;
};

test('every option is a flag of serve, with its letter and its other names', () => {
  const flags = Object.entries(serverFlags).map(([name, { char, aliases }]) => ({ name, char, aliases }));
  assert.deepEqual(
    flags,
    declarations().map(([name, { short, aliases = [] }]) => ({ name, char: short, aliases })),
  );
});

test('the manifest has the same flags', () => {
  assert.deepEqual(Object.keys(manifest.commands['serve']?.flags ?? {}), Object.keys(serverFlags), 'run "npm run generate"');
});

test('the manifest says nothing about the machine that it was made on', () => {
  assert.doesNotMatch(JSON.stringify(manifest), /"\/|node-v|linux|darwin/);
});
