import assert from 'node:assert/strict';
import test from 'node:test';
import { mergeRequests, reloadedPlan, unchangeable } from '../../../src/core/master/reload.ts';
import { planOf } from '../../helpers/plan.ts';

const BEFORE = '--http :9090 --wsgi-file server.py -M -p 4 --pythonpath /a';

for (const { after, expected } of [
  { after: BEFORE, expected: [] },
  { after: `${BEFORE} --env A=1 --wsgi-file other.py -R 5 --limit-as 100 -L`, expected: [] },
  { after: `${BEFORE} --http :9091`, expected: [] },
  { after: '--http :9091 --wsgi-file server.py -p 4', expected: ['master', 'sockets without --master'] },
  { after: `${BEFORE} -p 5 --threads 2`, expected: [] },
  { after: `${BEFORE} --cheaper 2`, expected: [] },
  { after: `${BEFORE} -t 5`, expected: [] },
  { after: `${BEFORE} --exec-pre-app ls --exec-asap ls`, expected: [] },
  { after: `${BEFORE} --uid nobody`, expected: ['uid, gid, umask, pidfile, daemonize or master-fifo'] },
  { after: `${BEFORE} --touch-reload a`, expected: [] },
  { after: `${BEFORE} --gateways 2`, expected: ['gateways or http-processes'] },
  { after: `${BEFORE} --logto /log`, expected: ['the log, which is no file'] },
]) {
  test(`a reload from "${BEFORE}" to "${after.replace(BEFORE, '…')}" cannot bring ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(unchangeable(planOf(BEFORE), planOf(after)), expected);
  });
}

test('what cannot be changed stays in the plan, the rest is the new one', () => {
  const before = planOf(`${BEFORE} --uid nobody --touch-reload a`);
  const plan = reloadedPlan(before, planOf('--http :9091 --wsgi-file other.py -p 2 --threads 3 --touch-reload b'));
  assert.deepEqual([plan.master, plan.sockets.length, plan.process.user], [true, 1, 'nobody']);
  assert.deepEqual([plan.workers.processes, plan.workers.threads, plan.process.touchReload], [2, 3, ['b']]);
});

test('a reload of all at once is not put off by a chain', () => {
  const chain = { because: 'one', how: 'in-chain' } as const;
  const whole = { because: 'two', how: 'together' } as const;
  assert.equal(mergeRequests(chain, whole).how, 'together');
  assert.equal(mergeRequests(whole, chain).how, 'together');
  assert.equal(mergeRequests(chain, chain).how, 'in-chain');
});
