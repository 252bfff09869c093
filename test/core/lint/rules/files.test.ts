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
  {
    what: 'certificates, keys and authorities of TLS',
    lines: [
      'https = :1,there.crt,gone.key',
      'https2 = addr=:2,cert=gone.crt,key=there.key',
      'https-socket = :3,there.crt,there.key,HIGH,!gone.crt',
      'sni = a.test gone.crt,gone.key',
      'sni-regexp = ^b there.crt,there.key',
      'sni-dir = gone',
    ],
    machine: { missing: /gone/ },
    at: [4, 5, 6, 7, 7, 9],
  },
  { what: 'a certificate where only the server is told', lines: ['https = :1,/etc/ssl/a.crt,/etc/ssl/a.key'], machine: ELSEWHERE, at: [] },
  { what: 'a certificate that cannot be named', lines: ['https = :1,$(DIR)/a.crt,/etc/letsencrypt/%n.key'], machine: ELSEWHERE, at: [] },
  { what: 'a file where a folder belongs', lines: ['chdir = app.py'], machine: {}, at: [4] },
]) {
  test(`${what}: ${at.length === 0 ? 'nothing is missed' : `lines ${at.join(', ')}`}`, (t) => {
    assert.deepEqual(
      missed(t, lines, machine),
      at.map((line) => `${String(line)} missing-path`),
    );
  });
}
