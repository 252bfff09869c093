import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn, type Machine } from '../../../helpers/lint.ts';

const ELSEWHERE: Machine = { missing: /./ };

/** The lines on which a path is missed. */
function missed(t: Parameters<typeof findingsIn>[0], lines: readonly string[], machine: Machine): readonly string[] {
  const text = ['[uwsgi]', 'http = :80', 'module = app', ...lines].join('\n');
  return findingsIn(t, { name: 'app.ini', text }, machine).filter((finding) => finding.endsWith('missing-path'));
}

for (const { what, lines, machine, at } of [
  { what: 'an application that is deployed elsewhere', lines: ['chdir = /srv/app', 'virtualenv = /srv/venv'], machine: ELSEWHERE, at: [] },
  {
    what: 'a relative path in a folder that is elsewhere',
    lines: ['chdir = /srv/app', 'wsgi-file = app.py', 'virtualenv = venv'],
    machine: ELSEWHERE,
    at: [],
  },
  {
    what: 'a virtualenv that is missing where the application is',
    lines: ['chdir = /srv/app', 'virtualenv = /srv/app/venv'],
    machine: { missing: /venv/ },
    at: [5],
  },
  { what: 'a folder in no customary place', lines: ['chdir = /nonexistent/app'], machine: ELSEWHERE, at: [4] },
  { what: 'the same in a container', lines: ['chdir = /django'], machine: { ...ELSEWHERE, isContainer: true }, at: [] },
  { what: 'a relative path', lines: ['virtualenv = venv', 'logto = logs/app.log'], machine: { missing: /venv|logs/ }, at: [4, 5] },
  { what: 'a socket in a folder that systemd makes', lines: ['stats = /run/app/stats.sock'], machine: ELSEWHERE, at: [] },
  { what: 'what a variable decides', lines: ['chdir = $(NO_SUCH_FOLDER)/app'], machine: ELSEWHERE, at: [] },
  { what: 'a log collector and a device', lines: ['logto = udp://log:514', 'daemonize = /dev/null'], machine: ELSEWHERE, at: [] },
  { what: 'a file where a folder belongs', lines: ['chdir = app.py'], machine: {}, at: [4] },
]) {
  test(`${what}: ${at.length === 0 ? 'nothing is missed' : `lines ${at.join(', ')}`}`, (t) => {
    assert.deepEqual(
      missed(t, lines, machine),
      at.map((line) => `${String(line)} missing-path`),
    );
  });
}
