import assert from 'node:assert/strict';
import { constants } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Credentials, Identity } from '../../../src/core/plan/tls.ts';
import { contextOptions, mayResume } from '../../../src/core/tls/context.ts';

const OWN: Identity = { certificate: 'c', key: 'k', ciphers: undefined, clientCa: undefined, requiresClient: false };
const TERMS = { exportsCertificate: false, sessionContext: undefined, sessionSeconds: 300, verifyDepth: 1, offersHttp2: true };

const credentials = (own: Partial<Identity>, ...hosts: readonly Partial<Identity>[]): Credentials => ({
  ...TERMS,
  own: { ...OWN, ...own },
  hosts: hosts.map((host, index) => ({ match: { kind: 'name', name: `${index}` }, identity: { ...OWN, ...host } })),
});

describe('what a handshake goes by', () => {
  test('is TLS 1.2 and later, with the ciphers of Node', () => {
    const options = contextOptions(OWN, { ...TERMS, resumes: true });
    assert.deepEqual(options, { cert: 'c', key: 'k', minVersion: 'TLSv1.2', honorCipherOrder: true, sessionTimeout: 300 });
  });

  test('has the ciphers of TLS 1.3 besides those of a list for TLS 1.2, which would turn it off', () => {
    const { ciphers = '' } = contextOptions({ ...OWN, ciphers: 'HIGH' }, { ...TERMS, resumes: true });
    assert.match(ciphers, /^TLS_AES_256_GCM_SHA384:.*:HIGH$/);
  });

  test('leaves a list alone that has some of TLS 1.3', () => {
    const ciphers = 'TLS_AES_128_GCM_SHA256:HIGH';
    assert.equal(contextOptions({ ...OWN, ciphers }, { ...TERMS, resumes: true }).ciphers, ciphers);
  });

  test('has no tickets where sessions may not be resumed', () => {
    assert.equal(contextOptions(OWN, { ...TERMS, resumes: false }).secureOptions, constants.SSL_OP_NO_TICKET);
  });
});

describe('sessions are resumed', () => {
  for (const { what, all, resumes } of [
    { what: 'where clients need no certificate', all: credentials({}, {}, {}), resumes: true },
    { what: 'where one authority signs for all hosts', all: credentials({ clientCa: 'a' }, { clientCa: 'a' }), resumes: true },
    { what: 'not where a host lets in others than the next', all: credentials({ clientCa: 'a' }, { clientCa: 'b' }), resumes: false },
    { what: 'not where only some hosts look at clients', all: credentials({}, { clientCa: 'b' }), resumes: false },
  ]) {
    test(what, () => assert.equal(mayResume(all), resumes));
  }
});
