import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatDate, parseDate } from '../../../../src/core/protocol/http/dates.ts';

const NOW = Date.UTC(2026, 10, 21);
const THEN = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('the same moment', () => {
  for (const { what, text } of [
    { what: 'as it is written today', text: 'Sun, 06 Nov 1994 08:49:37 GMT' },
    { what: 'as RFC 850 had it', text: 'Sunday, 06-Nov-94 08:49:37 GMT' },
    { what: 'as asctime() writes it', text: 'Sun Nov  6 08:49:37 1994' },
  ]) {
    test(what, () => assert.equal(parseDate(text, NOW), THEN));
  }
});

test('a year of two digits is at most 50 years ahead', () => {
  assert.equal(parseDate('Friday, 01-Jan-76 00:00:00 GMT', NOW), Date.UTC(2076, 0, 1));
  assert.equal(parseDate('Saturday, 01-Jan-77 00:00:00 GMT', NOW), Date.UTC(1977, 0, 1));
});

for (const text of ['', 'garbage', '0', '2026-11-21', 'Sun, 06 Nov 1994 08:49:37', 'Sun, 06 Xyz 1994 08:49:37 GMT', '1994']) {
  test(`${JSON.stringify(text)} is no date`, () => assert.equal(parseDate(text, NOW), undefined));
}

test('a date is written in the form of today', () => {
  assert.equal(formatDate(THEN), 'Sun, 06 Nov 1994 08:49:37 GMT');
});
