import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatAge, formatBytes, formatCount, formatMicros, formatRate, formatTime, plural } from '../../dashboard/format.ts';

const CASES = [
  {
    format: formatRate,
    of: [0, 0.01, 0.05, 3.44, 9.96, 10.4, 812.4, 9999, 12_345],
    are: ['0', '<0.1', '0.1', '3.4', '10.0', '10', '812', '9999', '12.3k'],
  },
  { format: formatCount, of: [0, 9999, 12_345, 4_560_000, 7_890_000_000], are: ['0', '9,999', '12.3k', '4.56M', '7.89G'] },
  {
    format: formatBytes,
    of: [0, 1023, 1024, 47_185_920, 1.5 * 2 ** 40, 2 ** 60],
    are: ['0 B', '1023 B', '1.00 kB', '45.0 MB', '1.50 TB', '1048576 TB'],
  },
  {
    format: formatMicros,
    of: [0, 312.4, 999.6, 4567, 45_600, 999_400, 999_600, 1_240_000, 59_990_000, 65_000_000],
    are: ['0 µs', '312 µs', '1.00 ms', '4.57 ms', '45.6 ms', '999 ms', '1.00 s', '1.24 s', '60.0 s', '1 min 5 s'],
  },
  {
    format: formatAge,
    of: [-2, 0, 59.9, 60, 192, 3600, 7500, 86_400, 273_600],
    are: ['0 s', '0 s', '59 s', '1 min', '3 min 12 s', '1 h', '2 h 5 min', '1 d', '3 d 4 h'],
  },
];

for (const { format, of, are } of CASES) {
  describe(format.name, () => {
    of.forEach((figure, nth) => {
      test(`${figure} is "${are[nth] ?? ''}"`, () => assert.equal(format(figure), are[nth]));
    });
  });
}

test('a time of today is told without its day, any other with it', () => {
  const now = new Date(2026, 10, 21, 13, 0, 0);
  assert.equal(formatTime(new Date(2026, 10, 21, 9, 5, 7).getTime() / 1000, now), '09:05:07');
  assert.equal(formatTime(new Date(2026, 10, 20, 23, 59, 59).getTime() / 1000, now), '20 Nov 23:59:59');
});

test('one of a thing has no s', () => {
  assert.deepEqual([plural(0, 'slot'), plural(1, 'slot'), plural(20_000, 'slot')], ['0 slots', '1 slot', '20.0k slots']);
});
