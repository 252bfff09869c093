import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emperor } from '../../../src/core/emperor/emperor.ts';
import type { VassalFile } from '../../../src/core/emperor/monitor.ts';
import type { VassalListener } from '../../../src/core/emperor/vassal.ts';
import { fakeClock } from '../../helpers/clock.ts';

const file = (id: string, version = '1'): VassalFile => ({
  path: `/v/${id}`,
  id,
  directory: '/v',
  monitor: '/v',
  version,
  modifiedAt: 0,
  owner: { uid: 1, gid: 1 },
});

const NOTHING = { appeared: [], changed: [], handedOver: [], removed: [] };

/** An emperor whose vassals are no processes. */
function reign(...ids: readonly string[]) {
  const clock = fakeClock();
  const done: string[] = [];
  const listeners = new Map<string, VassalListener>();
  const emperor = new Emperor({
    throttle: { firstMs: 1000, mostMs: 1000, grows: true },
    toleranceMs: 1000,
    heartbeatMs: 1000,
    launch: ({ id }, listener) => {
      done.push(`start ${id}`);
      listeners.set(id, listener);
      return { pid: 1, order: (what) => void done.push(`${what} ${id}`), kill: () => void done.push(`kill ${id}`) };
    },
    now: clock.now,
    after: clock.after,
    log: { line: () => undefined, event: () => undefined },
  });
  emperor.follow({ ...NOTHING, appeared: ids.map((id) => file(id)) });
  for (const id of ids) listeners.get(id)?.reported('ready');
  done.length = 0;
  return { emperor, done, end: (id: string) => listeners.get(id)?.ended('status 0') };
}

test('each file has its vassal', () => {
  const { emperor, done, end } = reign('a', 'b');
  emperor.follow({ ...NOTHING, appeared: [file('c')], changed: [file('a', '2')], removed: ['/v/b'] });
  assert.deepEqual(done, ['stop-gracefully b', 'start c', 'reload a']);
  end('b');
  assert.deepEqual(
    emperor.vassals.map(({ file: { id } }) => id),
    ['a', 'c'],
  );
});

test('a file that comes back while its vassal stops is started again', () => {
  const { emperor, done, end } = reign('a');
  emperor.follow({ ...NOTHING, removed: ['/v/a'] });
  emperor.follow({ ...NOTHING, appeared: [file('a', '2')] });
  end('a');
  assert.deepEqual(done, ['stop-gracefully a', 'start a']);
  assert.equal(emperor.vassals[0]?.file.version, '2');
});

test('all are reloaded together', () => {
  const { emperor, done } = reign('a', 'b');
  emperor.reloadAll();
  assert.deepEqual(done, ['reload a', 'reload b']);
});

test('the end is when the last vassal is gone, and begins once', async () => {
  const { emperor, done, end } = reign('a', 'b');
  let isOver = false;
  const over = emperor.stop('gracefully', 'SIGTERM').then(() => (isOver = true));
  emperor.follow({ ...NOTHING, appeared: [file('c')] });
  emperor.reloadAll();
  end('a');
  await Promise.resolve();
  assert.equal(isOver, false);
  const again = emperor.stop('now', 'SIGINT');
  end('b');
  await Promise.all([over, again]);
  assert.deepEqual(done, ['stop-gracefully a', 'stop-gracefully b', 'stop-now b']);
});

test('without vassals it is over at once', async () => {
  await reign().emperor.stop('gracefully', 'SIGTERM');
});
