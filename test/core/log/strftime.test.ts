import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { strftime } from '../../../src/core/log/strftime.ts';

const SIGNS = Array.from('aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%', (sign) => `%${sign}`).concat('%Ey', '%Od');

test('every sign means what it means to strftime(3)', () => {
  for (const date of [
    new Date(2026, 0, 1, 0, 5, 9),
    new Date(2024, 11, 31, 13, 45, 59),
    new Date(2026, 6, 5, 12, 0, 0),
    // Weeks of another year than the day.
    ...[2021, 2022, 2023, 2024].flatMap((year) => [new Date(year, 0, 1), new Date(year, 0, 4), new Date(year, 11, 31)]),
  ]) {
    const program = 'import sys, time; t = time.localtime(int(sys.argv[1])); print("|".join(time.strftime(s, t) for s in sys.argv[2:]))';
    const expected = execFileSync('/usr/bin/python3', ['-c', program, String(date.getTime() / 1000), ...SIGNS], { encoding: 'utf8' });
    assert.equal(`${SIGNS.map((sign) => strftime(sign, date)).join('|')}\n`, expected);
  }
});

test('a sign that there is not stays', () => assert.equal(strftime('%Q %', new Date()), '%Q %'));
