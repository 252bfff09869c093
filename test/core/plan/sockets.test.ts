import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { protocolOf } from '../../../src/core/plan/socket-option.ts';
import { planSockets } from '../../../src/core/plan/sockets.ts';
import { optionsOf } from '../../helpers/plan.ts';

const planned = (line: string) => planSockets(optionsOf(line), { directory: '/srv', inheritedDescriptors: [] });
const socketsOf = (line: string, inherited: readonly number[] = []) =>
  planSockets(optionsOf(line), { directory: '/srv', inheritedDescriptors: inherited }).map(
    ({ option, address, door }) => `${option} ${address.text} ${door}`,
  );

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

  test("of the uwsgi protocol are the gateway's, too, where any request may be for a file", () => {
    assert.deepEqual(socketsOf('-s :1 --static-map /s=/srv'), ['socket :1 gateway']);
    assert.deepEqual(socketsOf('-s :1 --static-index index.html'), ['socket :1 direct']);
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

describe('an address of TLS', () => {
  test('has its files by absolute paths, seen from where the server was started', () => {
    const [socket] = planned('--https :1,a.crt,/etc/a.key,HIGH,!ca.crt');
    assert.deepEqual(socket?.tls?.own, {
      option: 'https',
      certificate: '/srv/a.crt',
      key: '/etc/a.key',
      ciphers: 'HIGH',
      clientCa: '/srv/ca.crt',
      requiresClient: true,
    });
  });

  test('may be that of https2 or of https-socket, and the messages name the option', () => {
    const sockets = planned('--https2 addr=:1,cert=a.crt,key=a.key --https-socket :2,a.crt,a.key');
    assert.deepEqual(
      sockets.map(({ option, tls }) => [option, tls?.own.option]),
      [
        ['https', 'https2'],
        ['https-socket', 'https-socket'],
      ],
    );
  });

  test('knows the hosts of sni and sni-regexp, and the folder of sni-dir', () => {
    const line = ['--https', ':1,a,b', '--sni', 'WWW.a c,d', '--sni-regexp', '^b e,f', '--sni-dir', 'certs', '--sni-dir-ciphers', 'HIGH'];
    const [socket] = planSockets(optionsOf(line), { directory: '/srv', inheritedDescriptors: [] });
    assert.deepEqual(
      socket?.tls?.hosts.map(({ match, files }) => [match, files.option, files.key]),
      [
        [{ kind: 'name', name: 'www.a' }, 'sni', '/srv/d'],
        [{ kind: 'pattern', pattern: '^b' }, 'sni-regexp', '/srv/f'],
      ],
    );
    assert.deepEqual(socket.tls.folder, { path: '/srv/certs', ciphers: 'HIGH' });
  });

  test('has a session context of the 32 bytes that OpenSSL takes, however long the text', () => {
    const [socket] = planned(`--https :1,a,b --https-session-context ${'x'.repeat(100)}`);
    assert.equal(socket?.tls?.sessionContext?.length, 32);
  });
});

describe('the PROXY protocol is spoken', () => {
  const proxied = (line: string) => planned(line).map(({ option, proxyProtocol }) => `${option} ${String(proxyProtocol ?? false)}`);
  const ALL =
    '--http :1 --https :2,a,b --http-to-https :3 --http-socket :4 --http11-socket :5 --https-socket :6,a,b --scgi-socket :7 -s :8';

  test('nowhere unless an option says so', () => {
    assert.ok(proxied(ALL).every((line) => line.endsWith(' false')));
  });

  test("at the router's addresses with http-enable-proxy-protocol", () => {
    assert.deepEqual(
      proxied(`${ALL} --http-enable-proxy-protocol`).filter((line) => line.endsWith('true')),
      ['http true', 'https true', 'http-to-https true'],
    );
  });

  test('at the HTTP sockets with enable-proxy-protocol', () => {
    assert.deepEqual(
      proxied(`${ALL} --enable-proxy-protocol`).filter((line) => line.endsWith('true')),
      ['http-socket true', 'http11-socket true', 'https-socket true'],
    );
  });
});
