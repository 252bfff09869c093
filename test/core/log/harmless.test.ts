import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { harmless, harmlessQuoted } from '../../../src/core/log/harmless.ts';

/** What came, and what it becomes outside quotes and between them; all as latin-1 characters, one for each byte. */
const CASES = JSON.parse(readFileSync('test/fixtures/harmless.json', 'utf8')) as [came: string, plain: string, quoted: string][];

for (const [came, plain, quoted] of CASES) {
  test(`${JSON.stringify(came)} stays in its place`, () => {
    assert.equal(Buffer.from(harmless(came)).toString('latin1'), plain);
    assert.equal(Buffer.from(harmlessQuoted(came)).toString('latin1'), quoted);
  });
}

test('no byte gets through that could act on a terminal or end a line', () => {
  for (let byte = 0; byte < 256; byte++) assert.match(harmless(String.fromCharCode(byte)), /^[ -~]+$/, String(byte));
});
