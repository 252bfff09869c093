import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpAnswer } from '../../../src/core/operate/http-answer.ts';

test('an answer has a status and a body', () => {
  assert.deepEqual(httpAnswer('HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}\r\n\r\n'), {
    status: 200,
    reason: '200 OK',
    body: '{}\r\n\r\n',
  });
});

test('a page for people says why', () => {
  const { reason } = httpAnswer('HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain; charset=utf-8\r\n\r\nset stats-token\n');
  assert.equal(reason, '403 Forbidden: set stats-token');
});

test('nothing of it moves the cursor of a terminal, or fills it', () => {
  const { reason } = httpAnswer(`HTTP/1.1 403 \u001B[2JNo\u0085\r\nContent-Type: text/plain\r\n\r\n${'x'.repeat(1000)}`);
  assert.match(reason, /^403 \?\[2JNo\?: x{100,}$/);
  assert.equal(reason.length, 200);
});

test('what is no HTTP has no status', () => {
  assert.deepEqual(httpAnswer('HTTP/'), { status: NaN, reason: 'HTTP/', body: '' });
});
