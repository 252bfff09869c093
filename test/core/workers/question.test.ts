import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Question } from '../../../src/core/workers/question.ts';
import { fakeClock } from '../../helpers/clock.ts';

function setUp() {
  const clock = fakeClock();
  const question = new Question<string>();
  const sent: number[] = [];
  return { clock, question, sent, ask: () => question.ask(() => sent.push(clock.now()), 100, clock) };
}

test('two who ask at the same time have one answer', async () => {
  const { question, sent, ask } = setUp();
  const both = [ask(), ask()];
  question.hear('yes');
  assert.deepEqual([await Promise.all(both), sent.length], [['yes', 'yes'], 1]);
  void ask();
  assert.equal(sent.length, 2);
});

test('nobody waits for longer than that, and who asks then does not wait at all', async () => {
  const { clock, question, sent, ask } = setUp();
  const first = ask();
  clock.advance(100);
  assert.equal(await first, undefined);
  assert.equal(await ask(), undefined);
  assert.equal(sent.length, 1);
  question.hear('late');
  const again = ask();
  question.hear('yes');
  assert.equal(await again, 'yes');
});
