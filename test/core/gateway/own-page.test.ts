import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counters } from '../../../src/core/gateway/counters.ts';
import { ownPage } from '../../../src/core/gateway/own-page.ts';

test('a page of the server is counted with its status and all of its bytes', () => {
  const counters = new Counters();
  const { bytes } = ownPage(counters, 503, 'Retry-After: 1\r\n');
  const text = '503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 24\r\nRetry-After: 1\r\n503 Service Unavailable\n';
  assert.equal(bytes.toString(), text);
  const told = counters.tell(false);
  assert.deepEqual([told?.answers.other, told?.responses.at(-1), told?.bytes], [1, 1, text.length]);
});
