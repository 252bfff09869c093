import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, duration, rate, size } from '../../src/top/units.ts';

for (const { what, show, cells, examples } of [
  {
    what: 'counts',
    show: count,
    cells: 7,
    examples: { 0: '0', 1234567: '1234567', 9999999: '9999999', 10000000: '10M', 12345678901: '12G' },
  },
  {
    what: 'rates',
    show: rate,
    cells: 5,
    examples: { 0: '0', 0.04: '0.0', 0.36: '0.4', 9.94: '9.9', 9.96: '10', 99999: '99999', 123456: '123k' },
  },
  {
    what: 'sizes',
    show: size,
    cells: 5,
    examples: { 0: '0', 512: '512', 1024: '1.0K', 1234567: '1.2M', 1073741823: '1.0G', 34567890: '33M' },
  },
  {
    what: 'durations, in microseconds',
    show: duration,
    cells: 6,
    examples: {
      0: '0us',
      850: '850us',
      999.6: '1.0ms',
      4200: '4.2ms',
      123456: '123ms',
      999600: '1.0s',
      12_300_000: '12s',
      59_400_000: '59s',
      59_600_000: '1m00s',
      123_000_000: '2m03s',
      11_040_000_000: '3h04m',
      453_600_000_000: '5d06h',
    },
  },
]) {
  test(`${what} take few cells`, () => {
    for (const [value, text] of Object.entries(examples)) {
      assert.equal(show(Number(value)), text);
      assert.ok(text.length <= cells, text);
    }
  });
}

test('what nobody knows is no figure', () => {
  assert.deepEqual([rate(undefined), size(undefined), duration(undefined)], ['-', '-', '-']);
});
