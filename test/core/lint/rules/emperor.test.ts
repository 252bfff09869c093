import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn } from '../../../helpers/lint.ts';

test('an emperor alone is fine, whichever way its vassals are named', (t) => {
  const text = '[uwsgi]\nemperor = /etc/vassals\nemperor = glob:///srv/*/app.ini\nemperor = /srv/*.ini\nuid = www-data\ngid = www-data\n';
  assert.deepEqual(findingsIn(t, { name: 'emperor.ini', text }, { missing: /srv/ }), []);
});

test('an application or an address beside it is an error', (t) => {
  const text = '[uwsgi]\nemperor = /etc/vassals\nmodule = app\nhttp-socket = 127.0.0.1:8000\n';
  assert.deepEqual(findingsIn(t, { name: 'emperor.ini', text }), ['3 emperor-with-application', '4 emperor-with-application']);
});

test('a directory that is not there is told', (t) => {
  const text = '[uwsgi]\nemperor = /etc/vasals\nemperor = dir:///etc/vasals\n';
  assert.deepEqual(findingsIn(t, { name: 'emperor.ini', text }, { missing: /vasals/ }), ['2 emperor-directory', '3 emperor-directory']);
});

test('its statistics are for this machine, and those of a server are none of its', (t) => {
  const text = '[uwsgi]\nemperor = /etc/vassals\nemperor-stats = :9191\nstats = :9192\n';
  assert.deepEqual(findingsIn(t, { name: 'emperor.ini', text }), ['3 stats-for-everybody', '4 emperor-idle-option']);
});
