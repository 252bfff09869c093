import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageOf, runningRequests } from '../../dashboard/running.ts';
import { statsDocument, workerStats } from '../helpers/stats-document.ts';

test('the oldest running request comes first, with all that is known of it', () => {
  const document = statsDocument([workerStats([20, undefined]), workerStats([undefined, 4000], { id: 2 })]);
  assert.deepEqual(
    runningRequests(document).map(({ worker, core, ageMs, method, uri }) => [worker, core, ageMs, method, uri]),
    [
      [2, 1, 4000, 'GET', '/for=4000'],
      [1, 0, 20, 'GET', '/for=20'],
    ],
  );
});

test('of the other variables those are told that say who asks', () => {
  const worker = workerStats([1]);
  const [core] = worker.cores;
  assert.ok(core);
  const vars = [...core.vars.slice(0, 2), 'SCRIPT_NAME=', 'HTTP_USER_AGENT=<b>', 'HTTP_REFERER=', 'REMOTE_ADDR=::1', 'PATH_INFO=/x', ''];
  assert.deepEqual(runningRequests({ workers: [{ ...worker, cores: [{ ...core, vars }] }] })[0]?.vars, [
    'REMOTE_ADDR=::1',
    'HTTP_USER_AGENT=<b>',
  ]);
});

test('a request grows long after a second and old after ten', () => {
  assert.deepEqual([0, 999, 1000, 9999, 10_000].map(ageOf), ['new', 'new', 'long', 'long', 'old']);
});
