import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePush } from '../../../src/core/options/stats-push.ts';

test('who gets datagrams, and what stands in front of the names', () => {
  assert.deepEqual(parsePush('statsd:127.0.0.1:8125'), { kind: 'statsd', host: '127.0.0.1', port: 8125, prefix: 'uwsgi' });
  assert.deepEqual(parsePush('statsd:stats.example:8125,my.app'), { kind: 'statsd', host: 'stats.example', port: 8125, prefix: 'my.app' });
  assert.deepEqual(parsePush('dogstatsd:[::1]:1,x'), { kind: 'dogstatsd', host: '::1', port: 1, prefix: 'x' });
  assert.deepEqual(parsePush('socket:localhost:2'), { kind: 'socket', host: 'localhost', port: 2, prefix: 'uwsgi' });
});

test('a file, with its keys or as a path alone', () => {
  const file = { kind: 'file', path: '/var/s.json', separator: '\n\n', everySeconds: undefined };
  assert.deepEqual(parsePush('file:path=/var/s.json'), file);
  assert.deepEqual(parsePush('file:/var/s.json'), file);
  assert.deepEqual(parsePush('file:freq=9,separator=;'), { kind: 'file', path: 'uwsgi.stats', separator: ';', everySeconds: 9 });
});

test('what is none of these says what would be', () => {
  const refused = (value: string, expected: RegExp): void =>
    assert.throws(() => parsePush(value), { name: 'RangeError', message: expected });
  refused('nope:1', /statsd:HOST:PORT/);
  refused('zabbix:127.0.0.1:1,x', /file:path=PATH \(in the place of zabbix, use .*\/metrics/);
  refused('statsd:127.0.0.1', /^statsd:HOST:PORT\[,PREFIX\]$/);
  refused('statsd:127.0.0.1:0', /HOST:PORT/);
  refused('statsd:127.0.0.1:70000', /HOST:PORT/);
  refused('file:', /file:path=PATH/);
  refused('file:path=a,freq=0', /whole seconds/);
  refused('file:path=a,size=1', /path=, freq= and separator=/);
});
