import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { strftime } from '../../../src/core/log/strftime.ts';
import { timeZoneName } from '../../../src/core/log/time-zone-name.ts';

const ZONES = ['Europe/Berlin', ':America/New_York', 'Asia/Kolkata', 'America/Sao_Paulo', 'Etc/GMT+5', 'UTC'];
const SECONDS = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)].map((ms) => ms / 1000);

function keepZone(t: TestContext): void {
  const before = process.env['TZ'];
  t.after(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
}

test('a zone has the name that strftime(3) has for it, in winter and in summer', (t) => {
  keepZone(t);
  for (const zone of ZONES) {
    process.env['TZ'] = zone;
    const program = 'import sys, time; print("|".join(time.strftime("%Z %z", time.localtime(int(s))) for s in sys.argv[1:]))';
    const expected = execFileSync('/usr/bin/python3', ['-c', program, ...SECONDS.map(String)], { encoding: 'utf8', env: { TZ: zone } });
    assert.equal(`${SECONDS.map((second) => strftime('%Z %z', new Date(second * 1000))).join('|')}\n`, expected, zone);
  }
});

test('a zone that nobody knows is UTC', (t) => {
  keepZone(t);
  process.env['TZ'] = 'Nowhere/Nothing';
  assert.equal(timeZoneName(new Date()), 'UTC');
});
