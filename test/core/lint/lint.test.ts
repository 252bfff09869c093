import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { rules, ruleTexts } from '../../../src/core/lint/rules.ts';
import { findingsIn, type Machine } from '../../helpers/lint.ts';

const GOOD = 'test/fixtures/configs/good';
const BAD = 'test/fixtures/configs/bad';

/** What a rule needs of the machine to have something to find. */
const MACHINES: Readonly<Record<string, Machine>> = {
  'missing-path': { missing: /gone/ },
  'broken-virtualenv': { virtualenv: { fault: { message: 'broken', suggestion: undefined } } },
  'virtualenv-version': { virtualenv: { mismatch: { message: 'moved', suggestion: undefined } } },
  'emperor-directory': { missing: /gone/ },
  'daemon-in-container': { isContainer: true },
  'term-in-container': { isContainer: true },
};

/** What tsuwsgi does not have is told in any case. */
const NO_FAULT = /(accepted|unsupported)-option$/;

describe('good practice is left in peace', () => {
  for (const name of readdirSync(GOOD)) {
    test(name, (t) => {
      assert.deepEqual(faultsIn(t, { name, text: readFileSync(join(GOOD, name), 'utf8') }), []);
    });
  }
});

describe('each rule finds its fault, where it is, and no other', () => {
  for (const { id } of rules) {
    test(id, (t) => {
      const text = readFileSync(join(BAD, `${id}.ini`), 'utf8');
      assert.deepEqual(
        faultsIn(t, { name: 'bad.ini', text }, MACHINES[id]),
        faultyLines(text).map((line) => `${String(line)} ${id}`),
      );
    });
  }
});

test('what is silenced is not told', (t) => {
  for (const { id } of rules) {
    const text = readFileSync(join(BAD, `${id}.ini`), 'utf8');
    assert.deepEqual(
      faultsIn(t, { name: 'above.ini', text: `; tsuwsgi: ignore ${id}\n${text}` }, MACHINES[id]),
      [],
      `${id} for the whole file`,
    );
    if (!text.includes('; here')) continue;
    const line = text.replaceAll('; here', `; tsuwsgi: ignore ${id}`);
    assert.deepEqual(faultsIn(t, { name: 'line.ini', text: line }, MACHINES[id]), [], `${id} for the next line`);
  }
});

test('no two rules share a name', () => {
  const ids = ruleTexts.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)]);
});

test('whatever reading reports has its rule', () => {
  const folders = ['src/core/config', 'src/core/options'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const sources = folders.filter((file) => file.endsWith('.ts')).map((file) => readFileSync(file, 'utf8'));
  const reported = sources.flatMap((text) => [...text.matchAll(/\brule: '([\w-]+)'/g)].map(([, id]) => id));
  const known = ruleTexts.map(({ id }) => id);
  assert.deepEqual(
    reported.filter((id) => id !== undefined && !known.includes(id)),
    [],
  );
});

function faultsIn(...parameters: Parameters<typeof findingsIn>): readonly string[] {
  return findingsIn(...parameters).filter((finding) => !NO_FAULT.test(finding));
}

/** The lines behind the marks; a fault of the file as a whole is on line 1. */
function faultyLines(text: string): number[] {
  const marks = text.split('\n').flatMap((line, at) => (line === '; here' ? [at + 2] : []));
  return marks.length === 0 ? [1] : marks;
}
