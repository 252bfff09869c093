import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prefersHtml } from '../../../src/core/stats/accept.ts';

for (const { accept, html } of [
  { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', html: true },
  { accept: 'TEXT/HTML; q=0.5', html: true },
  { accept: 'application/json;q=0.8, text/html', html: true },
  { accept: 'application/json, text/html;q=0.9', html: false },
  { accept: 'text/html;q=0', html: false },
  { accept: 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2,*/*;q=0.1', html: false },
  { accept: '*/*', html: false },
  { accept: '', html: false },
  { accept: undefined, html: false },
]) {
  test(`who sends Accept: ${accept ?? 'not at all'} is ${html ? '' : 'not '}shown a page`, () => {
    assert.equal(prefersHtml(accept), html);
  });
}
