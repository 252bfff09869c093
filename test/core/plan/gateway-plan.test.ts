import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed } from '../../../src/core/plan/gateway-plan.ts';

for (const { thrown, message } of [
  { thrown: new RangeError('no such port'), message: 'no such port' },
  { thrown: 'no such port', message: 'no such port' },
  { thrown: undefined, message: 'undefined' },
]) {
  test(`a gateway tells why it has failed: ${String(thrown)}`, () => {
    assert.deepEqual(failed(thrown), { type: 'failed', message });
  });
}
