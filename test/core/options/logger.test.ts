import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cautionLogEncoder, parseLogEncoder, parseLogger, parseLoggerOf, parseLogRoute } from '../../../src/core/options/logger.ts';

describe('a logger', () => {
  for (const { written, name = null, sink } of [
    { written: 'file:/log', sink: { kind: 'file', path: '/log', maxBytes: undefined, backupName: undefined } },
    {
      written: 'file:logfile=/log,maxsize=100,backupname=/old',
      sink: { kind: 'file', path: '/log', maxBytes: 100, backupName: '/old' },
    },
    { written: 'stdio', sink: { kind: 'output', fd: 1 } },
    { written: 'stdio:', sink: { kind: 'output', fd: 1 } },
    { written: 'fd:2', sink: { kind: 'output', fd: 2 } },
    { written: 'syslog', sink: { kind: 'syslog', ident: 'uwsgi', facility: 3 } },
    { written: 'syslog:shop,local3', sink: { kind: 'syslog', ident: 'shop', facility: 19 } },
    {
      written: 'rsyslog:10.0.0.1,shop',
      sink: { kind: 'rsyslog', address: { host: '10.0.0.1', port: 514 }, ident: 'shop', priority: 29 },
    },
    { written: 'rsyslog:/dev/log,shop,133', sink: { kind: 'rsyslog', address: { path: '/dev/log' }, ident: 'shop', priority: 133 } },
    { written: 'socket:[::1]:514', sink: { kind: 'socket', address: { host: '::1', port: 514 } } },
    { written: 'socket:@logs', sink: { kind: 'socket', address: { path: '@logs' } } },
    { written: 'slow socket:/run/logs', name: 'slow', sink: { kind: 'socket', address: { path: '/run/logs' } } },
    { written: 'pipe:cat > /log:1', sink: { kind: 'pipe', command: 'cat > /log:1' } },
  ]) {
    test(`is read from "${written}"`, () => {
      assert.deepEqual(parseLogger(written), { written, name, sink });
    });
  }

  for (const { written, expected } of [
    { written: 'redislog:127.0.0.1:6379', expected: /in the place of redislog, use socket:/ },
    { written: 'rsylog:127.0.0.1', expected: /a logger: file:….*did you mean "rsyslog"\?/ },
    { written: 'file:', expected: /file:\/path/ },
    { written: 'file:logfile=/log,maxsize=many', expected: /maxsize=BYTES/ },
    { written: 'file:logfile=/log,size=1', expected: /maxsize=BYTES/ },
    { written: 'fd:7', expected: /fd:1 or fd:2/ },
    { written: 'syslog:shop,local9', expected: /one of kern, .*local7$/ },
    { written: 'rsyslog:10.0.0.1,shop,local3', expected: /a number from 0 to 191/ },
    { written: 'rsyslog:10.0.0.1,shop,192', expected: /a number from 0 to 191/ },
    { written: 'socket:10.0.0.1', expected: /HOST:PORT/ },
    { written: 'socket:10.0.0.1:70000', expected: /HOST:PORT/ },
    { written: 'pipe:', expected: /pipe:COMMAND/ },
  ]) {
    test(`is not "${written}"`, () => {
      assert.throws(() => parseLogger(written), { name: 'RangeError', message: expected });
    });
  }

  test('has its kind in the name of log-syslog and log-socket', () => {
    assert.deepEqual(parseLoggerOf('syslog', '').sink, { kind: 'syslog', ident: 'uwsgi', facility: 3 });
    assert.deepEqual(parseLoggerOf('socket', '/run/logs').sink, { kind: 'socket', address: { path: '/run/logs' } });
  });
});

describe('a route', () => {
  test('has the name of a logger and an expression, of Python if need be', () => {
    assert.deepEqual(parseLogRoute('slow in \\d{4,} msecs'), { logger: 'slow', expression: 'in \\d{4,} msecs' });
    assert.equal(parseLogRoute('get (?i)get').expression, '(?i)get');
  });

  test('is told what is wrong with it', () => {
    assert.throws(() => parseLogRoute('slow'), { name: 'RangeError', message: /the name of a logger and a regular expression/ });
    assert.throws(() => parseLogRoute('slow ('), { name: 'RangeError', message: /a regular expression \(.*group/ });
  });
});

describe('an encoder', () => {
  for (const { written, encoder } of [
    { written: 'nl', encoder: { kind: 'nl', argument: '', logger: null } },
    { written: 'prefix PRE ', encoder: { kind: 'prefix', argument: 'PRE ', logger: null } },
    { written: 'json:slow {"a:b":"${msg}"}', encoder: { kind: 'json', argument: '{"a:b":"${msg}"}', logger: 'slow' } },
  ]) {
    test(`is read from "${written}"`, () => {
      assert.deepEqual(parseLogEncoder(written), encoder);
    });
  }

  test('that there is not is told those that there are', () => {
    assert.throws(() => parseLogEncoder('bogus x'), {
      name: 'RangeError',
      message: 'an encoder: prefix, suffix, nl, format, json, gzip, compress',
    });
    assert.throws(() => parseLogEncoder('msgpack x'), { name: 'RangeError', message: /in the place of msgpack, use json/ });
  });

  for (const { written, caution } of [
    { written: 'prefix ${nothing}', caution: undefined },
    { written: 'bogus ${nothing}', caution: undefined },
    { written: 'format ${unix} ${msg} ${strftime:%F}', caution: undefined },
    { written: 'json', caution: /makes every line empty/ },
    { written: 'format ${mgs}', caution: /"\$\{mgs\}" is nothing; there are \$\{msg\}, .*\$\{strftime:%F %T\}/ },
  ]) {
    test(`"${written}": ${caution === undefined ? 'nothing is wrong' : 'a warning'}`, () => {
      if (caution === undefined) assert.equal(cautionLogEncoder(written), undefined);
      else assert.match(cautionLogEncoder(written) ?? '', caution);
    });
  }
});
