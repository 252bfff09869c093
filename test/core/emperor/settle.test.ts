import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VassalFile } from '../../../src/core/emperor/monitor.ts';
import { type Changes, Settling } from '../../../src/core/emperor/settle.ts';

const file = (name: string, version = '1', uid = 1): VassalFile => ({
  path: `/v/${name}`,
  id: name,
  directory: '/v',
  monitor: '/v',
  version,
  modifiedAt: 0,
  owner: { uid, gid: 1 },
});

const told = ({ appeared, changed, handedOver, removed }: Changes): string =>
  [
    ...appeared.map(({ id }) => `+${id}`),
    ...changed.map(({ id, version }) => `${id}=${version}`),
    ...handedOver.map(({ id, owner }) => `${id}>${String(owner.uid)}`),
    ...removed.map((path) => `-${path}`),
  ].join(' ');

/** What each look tells, the first one at once; `?` asks for another look soon. */
function looks(...all: readonly VassalFile[][]): readonly string[] {
  const settling = new Settling();
  return all.map((files, nth) => {
    if (nth === 0) return told(settling.begin(files));
    const { changes, isOpen } = settling.next(files);
    return `${told(changes)}${isOpen ? '?' : ''}`;
  });
}

test('at first everything counts at once', () => {
  assert.deepEqual(looks([file('a'), file('b')]), ['+a +b']);
});

test('what comes, changes and goes counts when it was seen twice', () => {
  assert.deepEqual(looks([], [file('a')], [file('a')]), ['', '?', '+a']);
  assert.deepEqual(looks([file('a')], [file('a', '2')], [file('a', '2')]), ['+a', '?', 'a=2']);
  assert.deepEqual(looks([file('a')], [], []), ['+a', '?', '-/v/a']);
  assert.deepEqual(looks([file('a')], [file('a', '1', 2)], [file('a', '1', 2)]), ['+a', '?', 'a>2']);
});

test('a file that is still being written is waited for', () => {
  const written = ['1', '2', '3', '3'].map((version) => [file('a', version)]);
  assert.deepEqual(looks([], ...written), ['', '?', '?', '?', '+a']);
});

test('a file that was away for a moment has changed and not gone', () => {
  assert.deepEqual(looks([file('a')], [], [file('a', '2')], [file('a', '2')]), ['+a', '?', '?', 'a=2']);
});

test('what does not settle holds up nothing else', () => {
  assert.deepEqual(looks([file('a')], [file('a', '2'), file('b')], [file('a', '3'), file('b')]), ['+a', '?', '+b?']);
});

test('a look at what is known tells nothing', () => {
  assert.deepEqual(looks([file('a')], [file('a')], [file('a')]), ['+a', '', '']);
});
