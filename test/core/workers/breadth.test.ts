import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Breadth } from '../../../src/core/workers/breadth.ts';

const WORKERS = 4;
const CROWD = 64;
/** So many requests are enough for the first comparison, and for the one after it. */
const FIRST = 1024 + 6 * 320;
const SECOND = 2 * FIRST;

interface Load {
  /** How long requests take each way, one after another, in milliseconds. */
  readonly wide: number;
  readonly narrow: number;
  /** That run or wait. */
  readonly requests?: number;
  readonly areShort?: boolean;
  readonly areAlike?: boolean;
  /** For how long something else holds up this request. */
  readonly heldUpMs?: (request: number) => number;
}

/** A clock on which requests end. @returns how long each took, and which way it went */
function served(breadth: Breadth, count: number, load: Load) {
  const { wide, narrow, requests = CROWD, areShort = true, areAlike = true, heldUpMs = () => 0 } = load;
  const ways: boolean[] = [];
  let now = performance.now();
  for (let nth = 0; nth < count; nth++) {
    ways.push(breadth.isNarrow);
    now += (breadth.isNarrow ? narrow : wide) + heldUpMs(nth);
    breadth.record({ now, workers: WORKERS, requests, areShort, areAlike });
  }
  return { isNarrow: breadth.isNarrow, narrowOnes: ways.filter((isNarrow) => isNarrow).length };
}

/** What was chosen in the end; a comparison is not under way then. */
function chosen(breadth: Breadth, count: number, load: Load): boolean {
  served(breadth, count, load);
  while (breadth.isReference) served(breadth, 1, load);
  return breadth.isNarrow;
}

describe('where threads are slower than one thread', () => {
  const LOAD = { wide: 0.12, narrow: 0.1 };

  test('all requests go to one as soon as that is known', () => {
    const breadth = new Breadth();
    assert.equal(served(breadth, 1024, LOAD).narrowOnes, 0);
    assert.ok(chosen(breadth, FIRST, LOAD));
    assert.ok(served(breadth, 100_000, LOAD).narrowOnes > 90_000, 'and to others only for comparison');
  });

  test('they do not where they are not short', () => {
    assert.ok(!chosen(new Breadth(), FIRST, { ...LOAD, areShort: false }));
  });

  for (const change of [{ areShort: false }, { areAlike: false }]) {
    test(`they go to many again at once when that is so: ${JSON.stringify(change)}`, () => {
      const breadth = new Breadth();
      chosen(breadth, FIRST, LOAD);
      assert.equal(served(breadth, 2, { ...LOAD, ...change }).narrowOnes, 1);
    });
  }

  test('and before a request that takes long has ended', () => {
    const breadth = new Breadth();
    chosen(breadth, FIRST, LOAD);
    breadth.widen();
    assert.ok(!breadth.isNarrow);
    assert.equal(served(breadth, 1024, LOAD).narrowOnes, 0);
    served(breadth, 320, LOAD);
    assert.ok(breadth.isNarrow, 'it is tried');
    breadth.widen();
    assert.ok(!breadth.isNarrow);
  });

  test('and when that has become faster', () => {
    const breadth = new Breadth();
    chosen(breadth, FIRST, LOAD);
    assert.ok(!chosen(breadth, SECOND, { wide: 0.1, narrow: 0.2 }));
  });

  test('what the machine does otherwise for a moment does not matter', () => {
    const inNarrow = 1024 + 320 + 200;
    const inWide = inNarrow + 320;
    const heldUpMs = (nth: number): number => (nth === inNarrow ? 5 : nth === inWide ? 50 : 0);
    assert.ok(chosen(new Breadth(), FIRST, { ...LOAD, heldUpMs }));
  });
});

describe('where threads are faster', () => {
  test('requests go to many, but for a few by which that is known', () => {
    const breadth = new Breadth();
    assert.ok(!chosen(breadth, FIRST, { wide: 0.1, narrow: 0.11 }));
    assert.ok(served(breadth, 100_000, { wide: 0.1, narrow: 0.11 }).narrowOnes < 10_000);
  });

  test('a try that is much slower ends soon', () => {
    const { isNarrow, narrowOnes } = served(new Breadth(), FIRST, { wide: 0.1, narrow: 5 });
    assert.ok(!isNarrow);
    assert.ok(narrowOnes > 0 && narrowOnes <= 32, String(narrowOnes));
  });
});

test('what is a little faster does not take the place of what is there', () => {
  const breadth = new Breadth();
  assert.ok(!chosen(breadth, FIRST, { wide: 0.1, narrow: 0.097 }));
  chosen(breadth, SECOND, { wide: 0.2, narrow: 0.1 });
  assert.ok(chosen(breadth, SECOND, { wide: 0.097, narrow: 0.1 }));
});

test('nothing is compared where some requests take very long', () => {
  assert.equal(served(new Breadth(), 100_000, { wide: 0.2, narrow: 0.1, areAlike: false }).narrowOnes, 0);
});

test('nothing is compared where no request waits for another', () => {
  assert.equal(served(new Breadth(), 100_000, { wide: 0.2, narrow: 0.1, requests: WORKERS }).narrowOnes, 0);
});

test('a comparison during which the crowd goes is none', () => {
  const breadth = new Breadth();
  const load = { wide: 0.2, narrow: 0.1 };
  served(breadth, 1024 + 320, load);
  assert.ok(breadth.isNarrow, 'it is tried');
  assert.ok(!chosen(breadth, FIRST, { ...load, requests: 1 }));
});

test('nothing is tried where a worker takes a millisecond and more for each request', () => {
  assert.equal(served(new Breadth(), 10_000, { wide: 1 / WORKERS, narrow: 0.1 }).narrowOnes, 0);
});

test('what is tried in vain is tried less often each time', () => {
  const breadth = new Breadth();
  const tries = [1, 2, 3].map(() => served(breadth, 30_000, { wide: 0.1, narrow: 1 }).narrowOnes);
  assert.deepEqual(
    tries,
    tries.toSorted((a, b) => b - a),
  );
  assert.ok((tries[2] ?? 0) < (tries[0] ?? 0) / 2, tries.join());
});
