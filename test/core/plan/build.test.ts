import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadOptions } from '../../../src/core/config/load.ts';
import { planOf } from '../../helpers/plan.ts';

describe('the plan', () => {
  test('is plain data', () => {
    const plan = planOf('--http :9090 --wsgi-file server.py -M -p 4');
    assert.deepEqual(structuredClone(plan), plan);
  });

  for (const { words, idle } of [
    { words: '--cheap', idle: { startsAsleep: true, afterMs: 0, then: 'go-cheap' } },
    { words: '--idle 30', idle: { startsAsleep: false, afterMs: 30_000, then: 'go-cheap' } },
    { words: '--idle 30 --die-on-idle', idle: { startsAsleep: false, afterMs: 30_000, then: 'stop-gracefully' } },
  ]) {
    test(`has a master that does what ${words} asks for`, () => {
      const { master, workers } = planOf(`--http :9090 --wsgi-file server.py ${words}`);
      assert.deepEqual([master, workers.idle], [true, idle]);
    });
  }

  test('gives uwsgi sockets to the workers and HTTP to the gateway', () => {
    const { sockets } = planOf('--socket :3031 --http :9090 --http-socket :9091 --wsgi-file server.py');
    assert.deepEqual(
      sockets.map(({ option, door, address }) => `${option} ${address.text} ${door}`),
      ['http :9090 gateway', 'http-socket :9091 gateway', 'socket :3031 direct'],
    );
  });

  test('brings requests that have spans to the gateway; variables that only the application has ask for none', () => {
    const environment = { PATH: '/usr/bin', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    const { sockets, gateway } = planOf('--socket :3031 --wsgi-file server.py', { environment });
    assert.deepEqual([sockets[0]?.door, gateway.tracing?.url], ['gateway', 'http://collector:4318/v1/traces']);
    const entries = [{ name: 'env', text: 'OTEL_EXPORTER_OTLP_ENDPOINT=http://c', origin: { kind: 'default' } }] as const;
    const of = planOf('--socket :3031 --wsgi-file server.py', { entries });
    assert.deepEqual([of.sockets[0]?.door, of.gateway.tracing], ['direct', undefined]);
    assert.deepEqual(of.application.environment, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' });
  });

  test('takes sockets from systemd that no option names as uwsgi sockets', () => {
    const { sockets } = planOf('--http-socket fd://4 --wsgi-file server.py', { inheritedDescriptors: [3, 4] });
    assert.deepEqual(
      sockets.map(({ option, address }) => `${option} ${address.text}`),
      ['http-socket fd://4', 'socket fd://3'],
    );
  });

  test('refuses a server without an address', () => {
    assert.throws(() => planOf('--wsgi-file server.py'), { code: 'TSU_PLAN', exitStatus: 1, message: 'no address to listen on' });
  });

  test('has no token that guards nothing', () => {
    const words = '--http :9090 --wsgi-file server.py --stats :9191 --stats-token 0123456789abcdef';
    assert.throws(() => planOf(words), { code: 'TSU_PLAN', message: /there is no stats-http/ });
    assert.equal(planOf(`${words} --stats-http`).statsToken, '0123456789abcdef');
  });

  test('a Unix socket belongs to the user of the server unless chown-socket says otherwise', () => {
    assert.deepEqual(planOf('--socket /tmp/a --wsgi-file s.py --uid web --gid adm').socketOwner, {
      mode: undefined,
      user: 'web',
      group: 'adm',
    });
    assert.deepEqual(planOf('--socket /tmp/a --wsgi-file s.py --uid web --chown-socket nginx:www -C660').socketOwner, {
      mode: 0o660,
      user: 'nginx',
      group: 'www',
    });
  });

  test('changes the environment of the application as it is written: the last word on a variable counts', () => {
    const line = '--http :9090 --wsgi-file s.py --unenv A --env A=1 --env B=1 --unenv B --env C=x=y --env C=';
    const { entries } = loadOptions(line.split(' '), {});
    const { environment } = planOf(line, { entries }).application;
    assert.deepEqual(environment, { A: '1', B: undefined, C: '' });
  });

  for (const { words, flags } of [
    { words: '', flags: [] },
    { words: ' --no-site', flags: ['-S'] },
    { words: ' -O 1', flags: ['-O'] },
    { words: ' --optimize 3 --no-site', flags: ['-S', '-OO'] },
  ]) {
    test(`starts Python with [${flags.join(', ')}] for "${words}"`, () => {
      assert.deepEqual(planOf(`--http :9090 --wsgi-file s.py${words}`).application.interpreterFlags, flags);
    });
  }

  test('runs the Python of py-programname where none other is named, and searches what is found early last', () => {
    const { sites } = planOf('--http :9090 --wsgi-file s.py --py-programname /bin/sh');
    assert.equal(sites[0]?.interpreter, '/bin/sh');
    const other = planOf('--http :1 -w s --py-programname sh --python /bin/ls --pp a --early-pythonpath b');
    assert.deepEqual([other.sites[0]?.interpreter, other.application.pythonPath], ['/bin/ls', ['b', 'a']]);
  });

  test('keeps what was written for the application, in order', () => {
    const { entries } = loadOptions('--http :9090 --wsgi-file s.py -M --pp /a --pp /b --stats :1'.split(' '), {});
    const { application } = planOf('--http :9090 --wsgi-file s.py', { entries, magic: { n: 'site' } });
    const written = [
      ['http', ':9090'],
      ['wsgi-file', 's.py'],
      ['master', true],
      ['pp', '/a'],
      ['pp', '/b'],
      ['stats', ':1'],
    ];
    assert.deepEqual([application.written, application.magic], [written, { n: 'site' }]);
  });

  test('opens the log where the server is started, and that of logto2 later', () => {
    const { log } = planOf('--http :9090 --wsgi-file s.py --logto a.log --logto2 b.log --log-maxsize 1M --chdir /srv', {
      directory: '/here',
    });
    assert.deepEqual([log.file, log.laterFile, log.maxBytes], ['/here/a.log', '/here/b.log', 1_048_576]);
  });

  for (const option of ['daemonize', 'daemonize2']) {
    test(`goes to the background with ${option}, whose file comes before that of logto`, () => {
      const { process, log } = planOf(`--http :9090 --wsgi-file s.py --logto a.log --${option} d.log`);
      assert.deepEqual([process.daemonize, log.file], [true, '/d.log']);
    });
  }

  test('counts megabytes in bytes and seconds in milliseconds', () => {
    const { workers } = planOf('--http :9090 --wsgi-file s.py -t 30 --limit-as 128');
    assert.deepEqual([workers.harakiriMs, workers.limitAsBytes], [30_000, 134_217_728]);
  });
});
