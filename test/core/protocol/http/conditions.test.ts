import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Conditions, isSameState, judge } from '../../../../src/core/protocol/http/conditions.ts';

const MODIFIED = 'Tue, 14 Nov 2023 22:13:20 GMT';
const BEFORE = 'Tue, 14 Nov 2023 22:13:19 GMT';
const AFTER = 'Tue, 14 Nov 2023 22:13:21 GMT';
const FILE = { tag: '"a-1"', modifiedAt: 1_700_000_000 };

function conditions(given: Partial<Conditions>): Conditions {
  return { ifMatch: '', ifNoneMatch: '', ifModifiedSince: '', ifUnmodifiedSince: '', ifRange: '', ...given };
}

describe('a file is sent', () => {
  for (const { what, given } of [
    { what: 'without conditions', given: {} },
    { what: 'when it was changed since', given: { ifModifiedSince: BEFORE } },
    { what: 'when the date is none', given: { ifModifiedSince: 'garbage', ifUnmodifiedSince: 'garbage' } },
    { what: 'when the client has another state', given: { ifNoneMatch: '"b", "c"' } },
    { what: 'when the client has another state, whatever the date says', given: { ifNoneMatch: '"b"', ifModifiedSince: AFTER } },
    { what: 'when it is still what it was', given: { ifMatch: '"x", "a-1"' } },
    { what: 'when it is still what it was, whatever the date says', given: { ifMatch: '"a-1"', ifUnmodifiedSince: BEFORE } },
    { what: 'when there is any', given: { ifMatch: '*' } },
    { what: 'when it was not changed since', given: { ifUnmodifiedSince: MODIFIED } },
    { what: 'when a tag only begins like its own', given: { ifNoneMatch: '"a-1' } },
  ]) {
    test(what, () => assert.equal(judge(conditions(given), FILE), 'answer'));
  }
});

describe('the client is told that it has it', () => {
  for (const { what, given } of [
    { what: 'by the time of the last change', given: { ifModifiedSince: MODIFIED } },
    { what: 'by a later time', given: { ifModifiedSince: AFTER } },
    { what: 'by its tag', given: { ifNoneMatch: '"a-1"' } },
    { what: 'by its tag among others', given: { ifNoneMatch: '"b, c" ,"a-1"' } },
    { what: 'by its tag as a weak one', given: { ifNoneMatch: 'W/"a-1"' } },
    { what: 'by its tag, whatever the date says', given: { ifNoneMatch: '"a-1"', ifModifiedSince: BEFORE } },
    { what: 'by any', given: { ifNoneMatch: ' * ' } },
  ]) {
    test(what, () => assert.equal(judge(conditions(given), FILE), 'not modified'));
  }
});

describe('a condition fails', () => {
  for (const { what, given } of [
    { what: 'when it is not what it was', given: { ifMatch: '"b"' } },
    { what: 'when a weak tag is all that speaks for it', given: { ifMatch: 'W/"a-1"' } },
    { what: 'when it was changed since', given: { ifUnmodifiedSince: BEFORE } },
    { what: 'before another could hold', given: { ifMatch: '"b"', ifNoneMatch: '"a-1"' } },
  ]) {
    test(what, () => assert.equal(judge(conditions(given), FILE), 'failed'));
  }
});

describe('a part is of the state that the client has', () => {
  for (const { ifRange, isSame } of [
    { ifRange: '', isSame: true },
    { ifRange: '"a-1"', isSame: true },
    { ifRange: 'W/"a-1"', isSame: false },
    { ifRange: '"b"', isSame: false },
    { ifRange: MODIFIED, isSame: true },
    { ifRange: BEFORE, isSame: false },
    { ifRange: AFTER, isSame: false },
    { ifRange: 'garbage', isSame: false },
  ]) {
    test(`If-Range: ${ifRange || '(none)'}: ${String(isSame)}`, () => assert.equal(isSameState(conditions({ ifRange }), FILE), isSame));
  }
});
