import assert from 'node:assert/strict';
import test from 'node:test';
import { socketsFromSystemd } from '../../../src/core/listen/inherit.ts';

const PID = 42;

for (const { what, environment, expected } of [
  { what: 'as many descriptors as LISTEN_FDS says, from 3 on', environment: { LISTEN_PID: '42', LISTEN_FDS: '2' }, expected: [3, 4] },
  { what: 'none when they are meant for another process', environment: { LISTEN_PID: '41', LISTEN_FDS: '2' }, expected: [] },
  { what: 'none without LISTEN_FDS', environment: { LISTEN_PID: '42' }, expected: [] },
  { what: 'none when the count is no number', environment: { LISTEN_PID: '42', LISTEN_FDS: 'x' }, expected: [] },
]) {
  test(`systemd passes ${what}`, () => {
    assert.deepEqual(socketsFromSystemd(environment, PID), expected);
  });
}
