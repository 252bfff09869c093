import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergePage } from '../../bench/page.ts';

const PAGE = '# Figures\n\nOf last week.\n\n## One\n\nold 1\n\n## Two\n\nold 2\n\n## Gone\n\nold 3\n';

test('sections that were measured apart replace theirs and say so, the others stay', () => {
  const measured = new Map([
    ['Two', '## Two\n\nnew 2'],
    ['Three', '## Three\n\nnew 3'],
  ]);
  assert.equal(
    mergePage(PAGE, measured, { titles: ['One', 'Three', 'Two'], note: 'Today.' }),
    '# Figures\n\nOf last week.\n\n## One\n\nold 1\n\n## Three\n\nnew 3\n\nToday.\n\n## Two\n\nnew 2\n\nToday.\n',
  );
});
