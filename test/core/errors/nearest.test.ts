import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../../src/core/errors/nearest.ts';

const KNOWN = ['processes', 'threads', 'uid', 'gid', 'vacuum', 'http-socket', 'max-requests'];

for (const { name, found } of [
  { name: 'proceses', found: ['processes'] },
  { name: 'porcesses', found: ['processes'] },
  { name: 'vaccum', found: ['vacuum'] },
  { name: 'guid', found: ['gid', 'uid'] },
  { name: 'HTTP_SOCKET', found: ['http-socket'] },
  { name: '--max-request', found: ['max-requests'] },
  { name: 'projectname', found: [] },
  { name: '', found: [] },
]) {
  test(`"${name}" is nearest to ${found.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(nearest(name, KNOWN).sort(), found);
  });
}

test('the limit is how many letters may be wrong', () => {
  assert.deepEqual(nearest('procesess', KNOWN, 0), []);
});
