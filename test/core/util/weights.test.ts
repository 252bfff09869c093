import assert from 'node:assert/strict';
import { test } from 'node:test';
import { weightsOf } from '../../../src/core/util/weights.ts';

for (const { field, weights } of [
  { field: 'text/html', weights: { 'text/html': 1 } },
  { field: 'GZIP ; Q=0.5, br;q=0', weights: { gzip: 0.5, br: 0 } },
  { field: 'text/html;level=1;q=0.3,*/*', weights: { 'text/html': 0.3, '*/*': 1 } },
  { field: 'gzip;q=nonsense', weights: { gzip: 0 } },
]) {
  test(`what "${field}" names, and how much it is wanted`, () => assert.deepEqual(Object.fromEntries(weightsOf(field)), weights));
}
