import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { emperorLink } from '../../../src/core/master/emperor-link.ts';
import { onEnd } from '../../helpers/scope.ts';

test('a server whose environment names no descriptor is no vassal', () => {
  assert.equal(emperorLink({}), undefined);
  assert.equal(emperorLink({ UWSGI_EMPEROR_FD: 'three' }), undefined);
});

test('neither is one to which another’s came down without it', (t) => {
  const descriptor = openSync('/dev/null', 'r');
  onEnd(t, () => closeSync(descriptor));
  for (const text of [String(descriptor), '9999']) assert.equal(emperorLink({ UWSGI_EMPEROR_FD: text }), undefined);
});

test('the descriptor is forgotten', () => {
  const environment = { UWSGI_EMPEROR_FD: '9999', OTHER: '1' };
  emperorLink(environment);
  assert.deepEqual(environment, { OTHER: '1' });
});
