import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHostCertificate, parsePatternCertificate, parseTlsAddress, parseTlsKeyval } from '../../../src/core/options/tls-address.ts';

const FILES = { certificate: 'a.crt', key: 'a.key', ciphers: undefined, clientCa: undefined, requiresClient: false };

describe('an address with its certificate', () => {
  for (const { text, expected } of [
    { text: ':443,a.crt,a.key', expected: FILES },
    { text: ':443,a.crt,a.key,HIGH', expected: { ...FILES, ciphers: 'HIGH' } },
    { text: ':443,a.crt,a.key,HIGH,ca.crt', expected: { ...FILES, ciphers: 'HIGH', clientCa: 'ca.crt' } },
    { text: ':443,a.crt,a.key,,ca.crt', expected: { ...FILES, clientCa: 'ca.crt' } },
    { text: ':443,a.crt,a.key,HIGH,!ca.crt', expected: { ...FILES, ciphers: 'HIGH', clientCa: 'ca.crt', requiresClient: true } },
    { text: ':443,a.crt,a.key,HIGH,my,ca.crt', expected: { ...FILES, ciphers: 'HIGH', clientCa: 'my,ca.crt' } },
  ]) {
    test(`${text} is understood`, () => {
      const { address, ...files } = parseTlsAddress(text);
      assert.deepEqual(files, expected);
      assert.equal(address.text, ':443');
    });
  }

  for (const text of [':443', ':443,a.crt', ':443,,a.key', ':443,a.crt,', ':443,a.crt,a.key,HIGH,!']) {
    test(`${text} is refused with the form that is wanted`, () => {
      assert.throws(() => parseTlsAddress(text), { name: 'RangeError', message: 'ADDRESS,CERT,KEY[,CIPHERS[,CLIENT_CA]]' });
    });
  }

  test('an address that is none is refused as such', () => {
    assert.throws(() => parseTlsAddress('host:x,a,b'), /port is a number/);
  });
});

describe('the same as names and values', () => {
  test('is understood in any order, with what uWSGI has besides', () => {
    const { address, ...files } = parseTlsKeyval('spdy=1,key=a.key,cert=a.crt,addr=:443,clientca=!ca.crt,ciphers=HIGH');
    assert.deepEqual(files, { ...FILES, ciphers: 'HIGH', clientCa: 'ca.crt', requiresClient: true });
    assert.equal(address.text, ':443');
  });

  for (const text of ['addr=:443,cert=a.crt', 'cert=a.crt,key=a.key', 'addr=:443,cert=a.crt,key=a.key,cipher=HIGH', ':443,a.crt,a.key']) {
    test(`${text} is refused with the form that is wanted`, () => {
      assert.throws(() => parseTlsKeyval(text), /^RangeError: addr=ADDRESS,cert=FILE,key=FILE/);
    });
  }
});

describe('the certificate of a host', () => {
  test('is understood', () => {
    assert.deepEqual(parseHostCertificate('www.a  a.crt,a.key,HIGH'), { ...FILES, ciphers: 'HIGH', host: 'www.a' });
  });

  for (const text of ['www.a', 'a.crt,a.key', 'www.a a.crt']) {
    test(`${text} is refused with the form that is wanted`, () => {
      assert.throws(() => parseHostCertificate(text), { message: 'HOST CERT,KEY[,CIPHERS[,CLIENT_CA]]' });
    });
  }

  test('an expression that is none is refused', () => {
    assert.equal(parsePatternCertificate('^a a.crt,a.key').host, '^a');
    assert.throws(() => parsePatternCertificate('^(a a.crt,a.key'), { message: 'EXPRESSION CERT,KEY[,CIPHERS[,CLIENT_CA]]' });
  });
});
