import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawRecent } from '../../src/top/recent-report.ts';

const NAME = { worker: 1, core: 0, application: '', method: 'GET', uri: '/' };
const at = (second: number): number => new Date(2026, 0, 2, 3, 4, second).getTime() / 1000;

function textOf(recent: Parameters<typeof drawRecent>[0]): readonly string[] {
  return drawRecent(recent).map((line) => line.map(({ text }) => text).join(''));
}

test('what happened lately is told by kind, the newest last', () => {
  const error = { ...NAME, error: 'E: no', traceback: 'Traceback:\n  File "x"\nE: no\n' };
  const slow = { ...NAME, application: '/shop', worker: 2, ranMs: 1500, stack: '' };
  const events = [
    { at: at(9), text: 'reloaded' },
    { at: at(8), text: 'reloading' },
  ];
  assert.deepEqual(
    textOf({
      errors: [
        { ...error, at: at(2), uri: '/b' },
        { ...error, at: at(1) },
      ],
      slow: [{ ...slow, at: at(3) }],
      events,
    }),
    [
      'errors',
      ' 2026-01-02 03:04:01  core 1:0  GET /  E: no',
      ...['     Traceback:', '       File "x"', '     E: no'],
      ' 2026-01-02 03:04:02  core 1:0  GET /b  E: no',
      ...['     Traceback:', '       File "x"', '     E: no'],
      '',
      'slow requests',
      ' 2026-01-02 03:04:03  core 2:0 of /shop  GET /  1.5s',
      '',
      'events',
      ' 2026-01-02 03:04:08  reloading',
      ' 2026-01-02 03:04:09  reloaded',
    ],
  );
});

test('where nothing happened that is said, and how many errors were too many', () => {
  assert.deepEqual(textOf({ errors: [], slow: [], events: [], untold: 7 }), [
    'errors',
    ' 7 more came too many at once to be kept; the log has them',
    ...['', 'slow requests', ' none', '', 'events', ' none'],
  ]);
});

test('nothing that others said moves the cursor', () => {
  const nasty = { ...NAME, at: at(1), method: '\u001b[2J', uri: '/\u009b\n', error: '\u001b]0;x\u0007', traceback: 'a\u001b[1m\u202eb' };
  const lines = textOf({ errors: [nasty], slow: [{ ...nasty, ranMs: 1, stack: '\u0007' }], events: [{ at: at(1), text: '\r\u001b' }] });
  for (const line of lines) assert.doesNotMatch(line, /\p{C}/u);
  assert.ok(lines.some((line) => line.includes('%1B[2J /%9B%0A')));
});
