import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstView, intervalOf, KEYS, press, type View } from '../../src/top/view.ts';

/** What is seen after these keys. */
function after(...keys: string[]): View {
  return keys.reduce<View>((view, key) => {
    const next = press(view, key);
    assert.ok(next !== 'quit');
    return next;
  }, firstView(1));
}

describe("uwsgitop's keys", () => {
  test('q leaves, and so does Ctrl-C', () => {
    assert.deepEqual([press(firstView(1), 'q'), press(firstView(1), 'ctrl-c')], ['quit', 'quit']);
  });

  test('a shows cores in place of workers, both, and workers again', () => {
    assert.deepEqual(
      [after().rows, after('a').rows, after('a', 'a').rows, after('a', 'a', 'a').rows],
      ['workers', 'cores', 'cores below workers', 'workers'],
    );
  });

  test('f is ten times a second, and back', () => {
    assert.deepEqual([after('f'), after('f', 'f')].map(intervalOf), [0.1, 1]);
  });
});

describe('the other keys', () => {
  test('choose the column that rows are in order by, and stay at the ends', () => {
    const by = (...keys: string[]) => after(...keys).order.by;
    assert.deepEqual([by(), by('>'), by('right', 'right'), by('>', '<'), by('<')], ['id', 'pid', 'state', 'id', 'id']);
    assert.equal(by(...Array.from({ length: 40 }, () => '>')), 'cores');
  });

  test('r turns the order round', () => {
    assert.deepEqual([after('r').order.isReversed, after('r', 'r').order.isReversed], [true, false]);
  });

  test('space and p hold everything, and go on', () => {
    assert.deepEqual([after(' ').isPaused, after('p', ' ').isPaused], [true, false]);
  });

  test('+ and - read more and less often, down to ten times a second and up to once a minute', () => {
    const many = (key: string) => Array.from({ length: 20 }, () => key);
    const intervals = [after('+'), after('-'), after(...many('+')), after(...many('-')), after('f', '-')].map(intervalOf);
    assert.deepEqual(intervals, [0.5, 2, 0.1, 60, 2]);
  });

  test('other workers are not above the first one', () => {
    assert.deepEqual([after('pagedown', 'up').offset, after('pagedown', 'home').offset, after('pageup', 'down').offset], [9, 0, 1]);
  });

  test('what means nothing changes nothing', () => {
    const view = firstView(1);
    for (const key of ['x', 'escape', '', 'ctrl-x', '\u001B[25~']) assert.equal(press(view, key), view);
  });

  test('each one of the help does something', () => {
    for (const key of KEYS.flatMap(([keys]) => keys.split(' '))) {
      const name = { space: ' ', PgUp: 'pagedown', PgDn: 'pagedown' }[key] ?? key;
      const view = { ...firstView(1), order: { by: 'rate', isReversed: false } } as const;
      assert.notDeepEqual(press(view, name), view, key);
    }
  });
});
