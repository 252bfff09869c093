import assert from 'node:assert/strict';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TlsPlan } from '../../../src/core/plan/tls.ts';
import { readCredentials, stateOf } from '../../../src/core/tls/credentials.ts';
import { makeCertificate } from '../../helpers/certificates.ts';
import { requires } from '../../helpers/requirements.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

const TERMS = { exportsCertificate: false, sessionContext: undefined, sessionSeconds: 300, verifyDepth: 1, offersHttp2: true };

function start(t: Scope): { dir: string; plan: TlsPlan } {
  const dir = tempDir(t);
  const own = { option: 'https', ciphers: undefined, clientCa: undefined, requiresClient: false, ...makeCertificate(dir, 'own') };
  return { dir, plan: { ...TERMS, own, hosts: [], folder: undefined } };
}

describe('the credentials of an address', { skip: requires('openssl') }, () => {
  test('are its own, those of the hosts that are named, and those of the folder', (t) => {
    const { dir, plan } = start(t);
    const folder = tempDir(t, { 'lonely.crt': 'no key', 'notes.txt': '' });
    makeCertificate(folder, 'Www.a');
    makeCertificate(folder, 'b');
    writeFileSync(join(folder, 'b.ca'), readCredentials(plan).own.certificate);
    const files = { ...plan.own, ...makeCertificate(dir, 'named') };
    const { hosts } = readCredentials({
      ...plan,
      hosts: [{ match: { kind: 'pattern', pattern: '^n' }, files }],
      folder: { path: folder, ciphers: 'HIGH' },
    });
    assert.deepEqual(
      hosts.map(({ match, identity }) => [match, identity.ciphers, identity.clientCa !== undefined]),
      [
        [{ kind: 'pattern', pattern: '^n' }, undefined, false],
        [{ kind: 'name', name: 'www.a' }, 'HIGH', false],
        [{ kind: 'name', name: 'b' }, 'HIGH', true],
      ],
    );
  });

  test('a folder that is not there is refused by its option', (t) => {
    const { dir, plan } = start(t);
    const path = join(dir, 'none');
    assert.throws(() => readCredentials({ ...plan, folder: { path, ciphers: undefined } }), {
      message: `sni-dir: cannot read the folder ${path}: no such file or directory`,
    });
  });
});

describe('the state of the files', { skip: requires('openssl') }, () => {
  test('stays while nothing is written', (t) => {
    const { plan } = start(t);
    assert.equal(stateOf(plan), stateOf(plan));
  });

  test('is another one when a file is written, replaced, gone, or when a link is turned', (t) => {
    const { dir, plan } = start(t);
    const link = join(dir, 'live.crt');
    symlinkSync(plan.own.certificate, link);
    const linked = { ...plan, own: { ...plan.own, certificate: link } };
    const states = [stateOf(linked)];
    const note = () => states.push(stateOf(linked));
    writeFileSync(plan.own.key, 'longer than before, or shorter');
    note();
    const { certificate } = makeCertificate(dir, 'next');
    symlinkSync(certificate, `${link}.new`);
    renameSync(`${link}.new`, link);
    note();
    rmSync(link);
    note();
    assert.equal(new Set(states).size, states.length);
  });

  test('is another one when a host comes into the folder', (t) => {
    const folder = tempDir(t);
    const plan = { ...start(t).plan, folder: { path: folder, ciphers: undefined } };
    const before = stateOf(plan);
    makeCertificate(folder, 'new');
    assert.notEqual(stateOf(plan), before);
  });
});
