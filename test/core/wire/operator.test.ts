import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LineReader, readOrder } from '../../../src/core/wire/operator.ts';

describe('an order', () => {
  for (const order of [
    { type: 'reload' },
    { type: 'stop-gracefully' },
    { type: 'stop-now' },
    { type: 'pause' },
    { type: 'resume' },
    { type: 'scale', workers: 3 },
    { type: 'stats' },
    { type: 'recent' },
    { type: 'stacks' },
    { type: 'stacks', worker: 2 },
  ]) {
    test(`is read as it was written: ${JSON.stringify(order)}`, () => {
      assert.deepEqual(readOrder(JSON.stringify(order)), order);
    });
  }

  for (const line of [
    '',
    'reload',
    '{"type":"fly"}',
    '{"type":"scale"}',
    '{"type":"scale","workers":0}',
    '{"type":"stacks","worker":null}',
    'null',
    '[]',
    '"reload"',
    '7',
  ]) {
    test(`is not made out of ${line === '' ? 'an empty line' : line}`, () => {
      assert.equal(readOrder(line), undefined);
    });
  }
});

describe('lines', () => {
  test('come out whole, wherever the text is cut', () => {
    const text = 'one\ntwo\n';
    for (let at = 0; at <= text.length; at++) {
      const reader = new LineReader();
      assert.deepEqual([...(reader.push(text.slice(0, at)) ?? []), ...(reader.push(text.slice(at)) ?? [])], ['one', 'two']);
    }
  });

  test('that are too long are noticed, ended or not', () => {
    assert.equal(new LineReader(3).push('four'), undefined);
    assert.equal(new LineReader(3).push('four\n'), undefined);
    assert.deepEqual(new LineReader(3).push('one\n'), ['one']);
  });
});
