import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadOptions } from '../../../src/core/config/load.ts';
import { protocolOf } from '../../../src/core/plan/socket-option.ts';
import { planSockets } from '../../../src/core/plan/sockets.ts';

const socketsOf = (line: string, inherited: readonly number[] = []) =>
  planSockets(loadOptions(line.split(' '), {}).options, inherited).map(({ option, address, door }) => `${option} ${address.text} ${door}`);

describe('sockets', () => {
  test("of the uwsgi protocol are the workers', all others the gateway's", () => {
    const line =
      '-s :1 --uwsgi-socket :2 --http :3 --http-socket :4 --fastcgi-socket :5 --fastcgi-nph-socket :6 --scgi-socket :7 --scgi-nph-socket :8';
    assert.deepEqual(socketsOf(line), [
      'http :3 gateway',
      'http-socket :4 gateway',
      'fastcgi-socket :5 gateway',
      'fastcgi-nph-socket :6 gateway',
      'scgi-socket :7 gateway',
      'scgi-nph-socket :8 gateway',
      'socket :1 direct',
      'socket :2 direct',
    ]);
  });

  for (const { protocol, option, door } of [
    { protocol: 'uwsgi', option: 'socket', door: 'direct' },
    { protocol: 'http', option: 'http-socket', door: 'gateway' },
    { protocol: 'http11', option: 'http-socket', door: 'gateway' },
    { protocol: 'fastcgi', option: 'fastcgi-socket', door: 'gateway' },
    { protocol: 'fastcgi-nph', option: 'fastcgi-nph-socket', door: 'gateway' },
    { protocol: 'scgi', option: 'scgi-socket', door: 'gateway' },
    { protocol: 'scgi-nph', option: 'scgi-nph-socket', door: 'gateway' },
  ]) {
    test(`protocol = ${protocol}: those of socket, wherever it stands, and those of systemd are ${option}`, () => {
      assert.deepEqual(socketsOf(`-s :1 --protocol ${protocol} --uwsgi-socket :2 --http :3`, [5]), [
        'http :3 gateway',
        `${option} :1 ${door}`,
        'socket :2 direct',
        `${option} fd://5 ${door}`,
      ]);
    });
  }

  test('of a protocol that there is not are refused with those that there are', () => {
    assert.throws(
      () => socketsOf('-s :1 --protocol fcgi'),
      /"protocol" takes one of uwsgi, http, http11, fastcgi, fastcgi-nph, scgi, scgi-nph, not "fcgi"/,
    );
  });

  test('have the protocol that the statistics tell', () => {
    assert.deepEqual([protocolOf('socket'), protocolOf('http-socket'), protocolOf('scgi-nph-socket')], ['uwsgi', 'http', 'scgi']);
  });
});
