import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { IdentityPlan } from '../../../src/core/plan/tls.ts';
import { readIdentity } from '../../../src/core/tls/identity.ts';
import { makeCertificate, openssl } from '../../helpers/certificates.ts';
import { requires } from '../../helpers/requirements.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

/** Debian's user without rights. */
const NOBODY = 65534;

function plan(t: Scope, more: Partial<IdentityPlan> = {}): IdentityPlan & { readonly dir: string } {
  const dir = tempDir(t, { 'no.pem': 'nothing\n' });
  const files = makeCertificate(dir, 'localhost');
  return { dir, option: 'https', ...files, ciphers: undefined, clientCa: undefined, requiresClient: false, ...more };
}

/** Root may read all, so as Debian's user without rights where the test runs as root. */
function withoutRights(act: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    act();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

describe('an identity', { skip: requires('openssl') }, () => {
  test('is the texts of its files', (t) => {
    const wanted = plan(t, { ciphers: 'HIGH', requiresClient: true });
    const identity = readIdentity({ ...wanted, clientCa: wanted.certificate });
    const certificate = readFileSync(wanted.certificate, 'utf8');
    assert.deepEqual(identity, {
      certificate,
      key: readFileSync(wanted.key, 'utf8'),
      clientCa: certificate,
      ciphers: 'HIGH',
      requiresClient: true,
    });
  });

  test('whose certificate is not there names the option, the file and what to do', (t) => {
    const certificate = join(plan(t).dir, 'none.crt');
    assert.throws(() => readIdentity(plan(t, { certificate })), {
      code: 'TSU_TLS',
      message: `https: cannot read the certificate ${certificate}: no such file or directory`,
      suggestions: ['correct the path: it is seen from where the server is started'],
    });
  });

  test('whose key is a folder is refused', (t) => {
    const { dir } = plan(t);
    assert.throws(() => readIdentity(plan(t, { key: dir })), { message: `https: cannot read the key ${dir}: it is a folder` });
  });

  test('whose key may not be read says who could', (t) => {
    const wanted = plan(t);
    chmodSync(wanted.dir, 0o755);
    chmodSync(wanted.certificate, 0o644);
    chmodSync(wanted.key, 0);
    assert.throws(() => withoutRights(() => readIdentity(wanted)), /cannot read the key .*: permission denied/);
  });

  for (const { what, field } of [
    { what: 'certificate', field: 'certificate' },
    { what: 'key', field: 'key' },
    { what: 'client CA', field: 'clientCa' },
  ] as const) {
    test(`whose ${what} is none is refused`, (t) => {
      const wanted = plan(t);
      const path = join(wanted.dir, 'no.pem');
      assert.throws(() => readIdentity({ ...wanted, [field]: path }), { message: `https: ${path} is no ${what} in PEM form` });
    });
  }

  test('whose key belongs to another certificate is refused', (t) => {
    const wanted = plan(t);
    const { key } = makeCertificate(wanted.dir, 'other');
    assert.throws(() => readIdentity({ ...wanted, key }), {
      message: `https: the key ${key} does not belong to the certificate ${wanted.certificate}`,
    });
  });

  for (const form of ['-traditional', '']) {
    test(`whose key has a passphrase is refused with what to do (${form === '' ? 'PKCS 8' : 'traditional'})`, (t) => {
      const wanted = plan(t);
      const key = join(wanted.dir, 'locked.key');
      openssl(['pkey', '-in', wanted.key, '-aes256', '-passout', 'pass:secret', '-out', key], form === '' ? [] : [form]);
      assert.throws(() => readIdentity({ ...wanted, key }), {
        message: `https: the key ${key} is protected by a passphrase, and nobody is there to type it`,
      });
    });
  }

  test('with ciphers that there are not is refused', (t) => {
    assert.throws(() => readIdentity(plan(t, { ciphers: 'NOPE' })), { message: 'https: there are no ciphers "NOPE"' });
  });

  test('that OpenSSL finds too weak is refused with what OpenSSL says', (t) => {
    const { dir, ...wanted } = plan(t);
    const [certificate, key] = [join(dir, 'weak.crt'), join(dir, 'weak.key')];
    openssl(['req', '-x509', '-newkey', 'rsa:512', '-noenc', '-keyout', key, '-out', certificate, '-subj', '/CN=weak']);
    assert.throws(() => readIdentity({ ...wanted, certificate, key }), {
      message: /^https: the certificate .*weak.crt cannot be used: .*key too small/,
    });
  });
});
