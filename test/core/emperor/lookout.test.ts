import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Lookout } from '../../../src/core/emperor/lookout.ts';
import { type Monitor, monitorOf, type VassalFile } from '../../../src/core/emperor/monitor.ts';
import { after } from '../../../src/core/util/timer.ts';
import { fakeClock } from '../../helpers/clock.ts';
import { eventually } from '../../helpers/eventually.ts';
import { onEnd } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

const LOOK = { moreExtensions: [], watchesLinks: false, ownsLinks: false };

const file = (path: string, version = '1'): VassalFile => ({
  path,
  id: path.split('/').at(-1) ?? '',
  directory: '/',
  monitor: 'v',
  version,
  modifiedAt: 0,
  owner: { uid: 1, gid: 1 },
});

/** A monitor that sees what it is told to see. */
function monitor(...files: VassalFile[]): Monitor & { see: (() => VassalFile[]) | undefined } {
  return {
    text: 'v',
    see: () => files,
    folders: () => [],
    look() {
      return this.see?.() ?? [];
    },
  };
}

/** A lookout with a clock that the test moves. */
function begin(t: TestContext, ...monitors: readonly Monitor[]) {
  const clock = fakeClock();
  const told: string[] = [];
  const lines: string[] = [];
  const lookout = new Lookout(
    { monitors, look: LOOK, intervalMs: 3000, after: clock.after, log: { line: () => undefined, event: (text) => void lines.push(text) } },
    ({ appeared, changed, removed }) => {
      told.push(...appeared.map(({ id }) => `+${id}`), ...changed.map(({ id }) => `=${id}`), ...removed.map((path) => `-${path}`));
    },
  );
  onEnd(t, () => lookout.stop());
  lookout.begin();
  return { clock, told, lines, lookout };
}

test('looks at the interval, and again soon when something is new', (t) => {
  const seen = monitor(file('/v/a.ini'));
  const { clock, told } = begin(t, seen);
  assert.deepEqual(told, ['+a.ini']);
  seen.see = () => [file('/v/a.ini', '2')];
  clock.advance(3000);
  assert.equal(told.length, 1);
  clock.advance(100);
  assert.deepEqual(told, ['+a.ini', '=a.ini']);
});

test('looks soon when it is told that something may have happened, however often', (t) => {
  const seen = monitor();
  const { clock, told, lookout } = begin(t, seen);
  seen.see = () => [file('/v/a.ini')];
  for (let nudge = 0; nudge < 3; nudge++) lookout.nudge();
  clock.advance(100);
  lookout.nudge();
  clock.advance(100);
  assert.deepEqual(told, ['+a.ini']);
});

test('a file that two monitors find is one vassal, and the second of a name goes by its path', (t) => {
  const { told } = begin(t, monitor(file('/v/a.ini')), monitor(file('/v/a.ini'), file('/w/a.ini')));
  assert.deepEqual(told, ['+a.ini', '+/w/a.ini']);
});

test('what cannot be seen for a while is still there, and that is told once', (t) => {
  const seen = monitor(file('/v/a.ini'));
  const { clock, told, lines } = begin(t, seen);
  seen.see = () => {
    throw new Error('EIO: i/o error');
  };
  clock.advance(3000);
  clock.advance(3000);
  assert.deepEqual(lines, ['[emperor] v: EIO: i/o error; what runs goes on']);
  assert.deepEqual(told, ['+a.ini']);
});

test('when it is over it looks no more', (t) => {
  const seen = monitor();
  const { clock, told, lookout } = begin(t, seen);
  lookout.stop();
  seen.see = () => [file('/v/a.ini')];
  lookout.nudge();
  clock.advance(10_000);
  assert.deepEqual(told, []);
});

test('the file system tells, and need not be asked; a directory may go and come', async (t) => {
  const folder = tempDir(t, { 'v/a.ini': '' });
  const told: string[] = [];
  const lookout = new Lookout(
    // The interval is longer than the test.
    {
      monitors: [monitorOf('v', folder)],
      look: LOOK,
      intervalMs: 600_000,
      after,
      log: { line: () => undefined, event: () => undefined },
    },
    ({ appeared, removed }) => void told.push(...appeared.map(({ id }) => `+${id}`), ...removed.map(() => '-')),
  );
  onEnd(t, () => lookout.stop());
  lookout.begin();
  writeFileSync(join(folder, 'v/b.ini'), '');
  await eventually('the second file', () => told.includes('+b.ini'));
  rmSync(join(folder, 'v'), { recursive: true });
  await eventually('the end of both', () => told.filter((text) => text === '-').length === 2);
});
