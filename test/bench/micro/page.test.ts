import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPage, formatTimings } from '../../../bench/micro/page.ts';

const TIMINGS = [
  { name: 'a frame: found', figures: [1204, 1190, 1310] },
  { name: 'nothing', figures: [2, 4] },
];

test('a table has the median of each piece, and its spread', () => {
  assert.deepEqual(formatTimings('In a worker', TIMINGS).split('\n'), [
    '## In a worker',
    '',
    '| piece | ns, median | lowest–highest |',
    '|---|--:|--:|',
    '| a frame: found | 1,204 | 1,190–1,310 |',
    '| nothing | 3.00 | 2.00–4.00 |',
  ]);
});

test('the page says how to repeat it, and on what it was', () => {
  const circumstances = {
    words: 'npm run x',
    date: '2026-11-21',
    commit: 'abc1234',
    machine: '2 × CPU',
    versions: ['Node 20', 'Python 3.11'],
  };
  const page = formatPage(circumstances, ['## One\n\n1', '## Two\n\n2']);
  assert.ok(
    page.startsWith('# Micro-benchmarks\n\nWritten by `npm run x`; change nothing here by hand.\n\n- Date: 2026-11-21, commit abc1234\n'),
  );
  assert.match(page, /^- Machine: 2 × CPU\n- Versions: Node 20, Python 3\.11$/m);
  assert.ok(page.endsWith('\n\n## One\n\n1\n\n## Two\n\n2\n'));
});
