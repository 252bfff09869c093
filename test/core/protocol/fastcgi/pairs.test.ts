import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readPairs, writePairs } from '../../../../src/core/protocol/fastcgi/pairs.ts';
import { fcgiPairs } from '../../../helpers/fastcgi.ts';
import { fuzzing } from '../../../helpers/fuzz.ts';

function texts(bytes: Buffer): [string, string][] {
  return readPairs(bytes).map(({ from, middle, to }) => [bytes.toString('latin1', from, middle), bytes.toString('latin1', middle, to)]);
}

describe('names and values', () => {
  test('have lengths of one byte or of four', () => {
    const long = 'v'.repeat(128);
    assert.deepEqual(texts(fcgiPairs({ NAME: 'value', EMPTY: '', LONG: long })), [
      ['NAME', 'value'],
      ['EMPTY', ''],
      ['LONG', long],
    ]);
    assert.deepEqual(texts(fcgiPairs({ NAME: 'value' }, true)), [['NAME', 'value']]);
  });

  test('are read as they were written', () => {
    const text = fc.string({ maxLength: 300 }).map((one) => Buffer.from(one).toString('latin1'));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 6 }), (pairs) => {
        assert.deepEqual(texts(writePairs(pairs)), pairs);
      }),
      fuzzing(200),
    );
  });

  test('that are cut anywhere but between two pairs are refused', () => {
    const bytes = fcgiPairs({ A: 'x'.repeat(130), BC: 'y' });
    const between = fcgiPairs({ A: 'x'.repeat(130) }).length;
    for (let cut = 1; cut < bytes.length; cut++) {
      if (cut === between) assert.equal(readPairs(bytes.subarray(0, cut)).length, 1);
      else assert.throws(() => readPairs(bytes.subarray(0, cut)), { code: 'TSU_PROTOCOL' }, `cut at ${cut}`);
    }
  });

  test('throw nothing but that error, and never reach past their bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          for (const { from, middle, to } of readPairs(Buffer.from(bytes))) assert.ok(from <= middle && middle <= to && to <= bytes.length);
        } catch (error) {
          assert.equal((error as { code: string }).code, 'TSU_PROTOCOL');
        }
      }),
      fuzzing(200),
    );
  });
});
