import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatStatistics, type OrderPorts, Orders } from '../../../src/core/emperor/orders.ts';
import { emperorStats } from '../../../src/core/emperor/statistics.ts';

/** An emperor of one vassal, and what became of the orders. */
function court() {
  const done: string[] = [];
  const statistics = () => emperorStats({ version: '1', monitors: ['v'], isTyrant: false, vassals: [], now: 0 });
  const vassals = [{ file: { id: 'a.ini' }, pid: 12, state: 'serving', respawns: 2 }] as unknown as OrderPorts['emperor']['vassals'];
  const orders = new Orders({
    emperor: { vassals, reloadAll: () => void done.push('reload') },
    stop: (how, because) => Promise.resolve(void done.push(`stop ${how} ${because}`)),
    statistics,
    log: { line: () => undefined, event: (text) => void done.push(text) },
  });
  return { orders, done, statistics };
}

test('reloading and stopping are told, and done', async () => {
  const { orders, done } = court();
  assert.match(await orders.obey({ type: 'reload' }, 'SIGHUP', () => undefined), /^1 vassal told to reload/);
  assert.equal(await orders.obey({ type: 'stop-now' }, 'SIGINT', () => undefined), 'stopped');
  assert.equal(await orders.obey({ type: 'stop-gracefully' }, 'SIGTERM', () => undefined), 'stopped');
  assert.deepEqual(done, ['[emperor] SIGHUP: reloading all vassals', 'reload', 'stop now SIGINT', 'stop gracefully SIGTERM']);
});

test('statistics are JSON', async () => {
  const { orders, statistics } = court();
  const answers: string[] = [];
  await orders.obey({ type: 'stats' }, '', (text) => void answers.push(text));
  assert.deepEqual(answers, [formatStatistics(statistics())]);
  assert.deepEqual(JSON.parse(answers.join('')), statistics());
});

test('what only a vassal can do is refused with the pids of those that there are', async () => {
  const { orders, done } = court();
  for (const order of [
    { type: 'scale', workers: 2 },
    { type: 'stacks' },
    { type: 'recent' },
    { type: 'pause' },
    { type: 'chain-reload' },
  ] as const) {
    await assert.rejects(
      orders.obey(order, '', () => undefined),
      { message: new RegExp(`"${order.type}" is an order for a vassal.*12 \\(a.ini\\)`) },
    );
  }
  orders.perform('log-stacks', 'SIGUSR2');
  await new Promise((resolve) => setImmediate(resolve));
  assert.match(done.join(), /\[emperor\] SIGUSR2: "log-stacks" is an order for a vassal/);
});

test('SIGUSR1 writes the vassals to the log', () => {
  const { orders, done } = court();
  orders.perform('log-stats', 'SIGUSR1');
  assert.deepEqual(done, ['[emperor] 1 vassal', '[emperor]   a.ini: serving (pid 12), started again 2 times']);
});
