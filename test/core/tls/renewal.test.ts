import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { TlsPlan } from '../../../src/core/plan/tls.ts';
import { describeCertificate, Renewal } from '../../../src/core/tls/renewal.ts';
import { makeCertificate, type Wanted } from '../../helpers/certificates.ts';
import { requires } from '../../helpers/requirements.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

function start(t: Scope, wanted: Wanted = {}) {
  const dir = tempDir(t);
  const write = () => makeCertificate(dir, 'localhost', wanted);
  const own = { option: 'https', ciphers: undefined, clientCa: undefined, requiresClient: false, ...write() };
  const terms = { exportsCertificate: false, sessionContext: undefined, sessionSeconds: 300, verifyDepth: 1, offersHttp2: true };
  const plan: TlsPlan = { ...terms, own, hosts: [], folder: undefined };
  return { plan, write, renewal: new Renewal(plan) };
}

describe('certificates', { skip: requires('openssl') }, () => {
  test('that do not change are not read anew', (t) => {
    const { renewal } = start(t);
    assert.deepEqual([renewal.look(), renewal.look(), renewal.renew()], [false, false, false]);
  });

  test('that change are read once they have stayed as they are for a look', (t) => {
    const { renewal, write } = start(t);
    const before = renewal.credentials.own.certificate;
    write();
    assert.deepEqual([renewal.look(), renewal.look(), renewal.look()], [false, true, false]);
    assert.notEqual(renewal.credentials.own.certificate, before);
  });

  test('of which only one half is written are left alone until the other comes', (t) => {
    const { renewal, plan, write } = start(t);
    writeFileSync(plan.own.certificate, 'half of');
    assert.equal(renewal.look(), false);
    write();
    assert.deepEqual([renewal.look(), renewal.look()], [false, true]);
  });

  test('that are broken are told once, and the old ones stay', (t) => {
    const { renewal, plan } = start(t);
    const before = renewal.credentials;
    writeFileSync(plan.own.certificate, 'broken');
    assert.equal(renewal.look(), false);
    assert.throws(() => renewal.look(), /is no certificate/);
    assert.equal(renewal.look(), false);
    assert.equal(renewal.credentials, before);
  });

  test('are read at once where that is wanted', (t) => {
    const { renewal, write } = start(t);
    write();
    assert.equal(renewal.renew(), true);
  });

  test('that cannot be used are refused at first', (t) => {
    const { plan } = start(t);
    writeFileSync(plan.own.key, 'broken');
    assert.throws(() => new Renewal(plan), { code: 'TSU_TLS' });
  });

  test('are described by the day until which they are good', (t) => {
    assert.match(describeCertificate(start(t).renewal.credentials), /^its certificate is good until \d{4}-\d\d-\d\d$/);
  });
});
