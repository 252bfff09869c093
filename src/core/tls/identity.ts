/** A certificate and its key: read from files, and looked at before anybody relies on them. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TlsError } from '../errors/tls.ts';
import type { Identity, IdentityPlan } from '../plan/tls.ts';
import { checkIdentity } from './context.ts';

/**
 * Reads the files of an identity.
 *
 * @throws TlsError that names the option, the file and what to do
 */
export function readIdentity(plan: IdentityPlan): Identity {
  const { option, ciphers, requiresClient } = plan;
  const identity: Identity = {
    certificate: readPem(option, 'certificate', plan.certificate),
    key: readPem(option, 'key', plan.key),
    clientCa: plan.clientCa === undefined ? undefined : readPem(option, 'client CA', plan.clientCa),
    ciphers,
    requiresClient,
  };
  const certificate = parseCertificate(plan, 'certificate', identity.certificate);
  const key = parseKey(plan, identity.key);
  if (identity.clientCa !== undefined) parseCertificate(plan, 'client CA', identity.clientCa);
  if (!certificate.checkPrivateKey(key)) throw TlsError.noPair(option, plan.certificate, plan.key);
  checkIdentity(identity, plan);
  return identity;
}

function readPem(option: string, what: string, path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    throw TlsError.unreadable(option, what, Object.assign(error as NodeJS.ErrnoException, { path }));
  }
}

function parseCertificate(plan: IdentityPlan, what: 'certificate' | 'client CA', pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw TlsError.notPem(plan.option, what, (what === 'certificate' ? plan.certificate : plan.clientCa) ?? '');
  }
}

function parseKey({ option, key: path }: IdentityPlan, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const isLocked =
      (error as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE' || /BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(pem);
    throw isLocked ? TlsError.passphrase(option, path) : TlsError.notPem(option, 'key', path);
  }
}
