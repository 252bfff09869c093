import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSection } from '../../bench/table.ts';

const SECTION = { title: 'Work', unit: 'requests/s', baseline: 'peer' } as const;
const HEAD = ['## Work', '', '| server | requests/s, median | lowest–highest | ratio to peer |', '|---|--:|--:|--:|'];

test('ratios are those of the rounds, since a machine changes between them', () => {
  const results = [
    { name: 'ours', figures: [200, 1000, 330] },
    { name: 'peer', figures: [100, 500, 300] },
  ];
  assert.deepEqual(formatSection(SECTION, results).split('\n'), [
    ...HEAD,
    '| ours | 330 | 200–1,000 | 2.00 |',
    '| peer | 300 | 100–500 | 1.00 |',
  ]);
});

test('what could not be measured says why, and there are no ratios to it', () => {
  const results = [
    { name: 'ours', figures: [5] },
    { name: 'peer', figures: [], absent: 'not installed' },
  ];
  assert.deepEqual(formatSection(SECTION, results).split('\n'), [
    ...HEAD,
    '| ours | 5.00 | 5.00–5.00 |  |',
    '| peer | not installed | | |',
  ]);
});
