import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lostJump } from '../../../src/core/routing/jumps.ts';
import { parseRule } from '../../../src/core/routing/parse-rule.ts';

const label = parseRule('route-label', 'a');
const jump = parseRule('route-run', 'goto:a');

test('a jump finds its label below it', () => {
  assert.equal(lostJump([label, jump, label, jump, label]), undefined);
});

test('a jump without a label below it is lost', () => {
  assert.deepEqual([lostJump([jump])?.at, lostJump([jump])?.flaw.message], [0, 'there is no label "a"']);
  assert.deepEqual(
    [lostJump([label, jump])?.at, lostJump([label, jump])?.flaw.message],
    [1, 'goto only jumps forward, and the label "a" is above it'],
  );
});
