import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ExpiryRules, GzipRules } from '../../../../src/core/gateway/files/file-rules.ts';

const SUBJECTS = { file: '/srv/site/caf\xc3\xa9.css', 'path-info': '/s/a.css', uri: '/s/a.css?v=1', type: 'text/css' };
const TIMES = { now: 5_000_000, modified: 1_000_000 };
const RULE = { seconds: 60, since: 'now' } as const;

describe('a file expires', () => {
  for (const { what, rule, at } of [
    { what: 'so long after it was sent', rule: { ...RULE, subject: 'file', pattern: '\\.css$' }, at: 5_060_000 },
    { what: 'so long after it was changed', rule: { ...RULE, subject: 'file', pattern: 'css', since: 'modification' }, at: 1_060_000 },
    { what: 'by letters beyond ASCII', rule: { ...RULE, subject: 'file', pattern: 'café' }, at: 5_060_000 },
    { what: 'by its URI', rule: { ...RULE, subject: 'uri', pattern: 'v=1' }, at: 5_060_000 },
    { what: 'by its path in the site', rule: { ...RULE, subject: 'path-info', pattern: '^/s/a.css$' }, at: 5_060_000 },
    { what: 'by its type', rule: { ...RULE, subject: 'type', pattern: 'text/css' }, at: 5_060_000 },
    { what: 'not by a part of its type', rule: { ...RULE, subject: 'type', pattern: 'text' }, at: undefined },
    { what: 'not where nothing matches', rule: { ...RULE, subject: 'path-info', pattern: 'v=1' }, at: undefined },
  ] as const) {
    test(what, () => assert.equal(new ExpiryRules([rule]).expiryOf(SUBJECTS, TIMES), at));
  }

  test('by the first rule in the order of uWSGI, wherever it was written', () => {
    const rules = new ExpiryRules([
      { subject: 'type', pattern: 'text/css', seconds: 1, since: 'now' },
      { subject: 'uri', pattern: 'css', seconds: 2, since: 'now' },
      { subject: 'file', pattern: 'css', seconds: 3, since: 'now' },
      { subject: 'file', pattern: 'css', seconds: 4, since: 'now' },
    ]);
    assert.equal(rules.expiryOf(SUBJECTS, TIMES), 5_003_000);
  });
});

describe('a file may have a twin', () => {
  const none = { all: false, patterns: [], folders: [], endings: [] };
  for (const { what, rules, isLookedFor } of [
    { what: 'by default not', rules: none, isLookedFor: false },
    { what: 'as all may', rules: { ...none, all: true }, isLookedFor: true },
    { what: 'by an expression', rules: { ...none, patterns: ['js$', 'css$'] }, isLookedFor: true },
    { what: 'by its folder', rules: { ...none, folders: ['/srv'] }, isLookedFor: true },
    { what: 'not by a folder whose name begins alike', rules: { ...none, folders: ['/srv/si'] }, isLookedFor: false },
    { what: 'by its ending', rules: { ...none, endings: ['.css'] }, isLookedFor: true },
  ]) {
    test(what, () => assert.equal(new GzipRules(rules).match('/srv/site/a.css'), isLookedFor));
  }
});
