import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadOptions } from '../../../src/core/config/load.ts';
import { planLogWriter } from '../../../src/core/plan/log-writer.ts';

const plan = (...words: string[]) => planLogWriter(loadOptions(words, {}).options, '/srv');

describe('the log writer', () => {
  test('is not there where nobody wants anything of the log, log-master included', () => {
    assert.equal(plan('--log-master', '--threaded-logger', '--logto', '/log'), undefined);
  });

  for (const words of [
    ['--logger', 'stdio'],
    ['--log-syslog'],
    ['--log-socket', '/run/logs'],
    ['--log-encoder', 'prefix x'],
    ['--log-drain', 'x'],
    ['--log-filter', 'x'],
    ['--req-logger', 'stdio'],
  ]) {
    test(`is there for ${words.join(' ')}`, () => {
      assert.notEqual(plan(...words), undefined);
    });
  }

  test('has all loggers in one stream, and files seen from where the server was started', () => {
    const { log, requests } = plan('--logger', 'file:a', '--log-socket', '/s', '--log-maxsize', '10', '--logfile-chmod', '600') ?? {};
    assert.equal(requests, null);
    assert.deepEqual(
      log?.loggers.map(({ sink }) => sink),
      [
        { kind: 'file', path: '/srv/a', mode: 0o600, maxBytes: 10, backupName: null },
        { kind: 'socket', address: { path: '/s' } },
      ],
    );
  });

  test('leaves its own size and name to a file that has them', () => {
    const { log } = plan('--logger', 'file:logfile=a,maxsize=5,backupname=b', '--log-maxsize', '10') ?? {};
    const [logger] = log?.loggers ?? [];
    assert.deepEqual(logger?.sink, { kind: 'file', path: '/srv/a', mode: null, maxBytes: 5, backupName: '/srv/b' });
  });

  test('sends packets of the size that is asked for', () => {
    const { log } = plan('--logger', 'rsyslog:h:1', '--rsyslog-packet-size', '500', '--rsyslog-split-messages') ?? {};
    const [logger] = log?.loggers ?? [];
    const address = { host: 'h', port: 1 };
    assert.deepEqual(logger?.sink, { kind: 'rsyslog', address, ident: '', priority: 29, packetBytes: 500, splits: true });
  });

  test('changes lines of requests by their own options, where they have loggers of their own', () => {
    const { log, requests } =
      plan('--req-logger', 'stdio', '--log-req-encoder', 'nl', '--log-encoder', 'prefix x', '--log-drain', 'y') ?? {};
    assert.deepEqual(
      [log, requests].map((stream) => [stream?.encoders.map(({ kind }) => kind), stream?.drain]),
      [
        [['prefix'], ['y']],
        [['nl'], []],
      ],
    );
  });

  test('knows the loggers that routes and encoders name', () => {
    assert.throws(() => plan('--logger', 'a stdio', '--log-route', 'b x'), {
      code: 'TSU_PLAN',
      message: 'there is no logger with the name "b"',
    });
    assert.throws(() => plan('--req-logger', 'a stdio', '--log-req-encoder', 'prefix:b x'), {
      message: 'there is no req-logger with the name "b"',
    });
  });
});
