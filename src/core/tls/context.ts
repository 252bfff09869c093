/** An identity → what Node takes for a handshake. */
import { constants } from 'node:crypto';
import { createSecureContext, DEFAULT_CIPHERS, type SecureContext, type SecureContextOptions } from 'node:tls';
import { TlsError } from '../errors/tls.ts';
import type { Credentials, Identity, IdentityPlan, TlsTerms } from '../plan/tls.ts';

/** @param terms those of the address, and whether sessions may be resumed there at all */
export function contextOf(identity: Identity, terms: TlsTerms & { readonly resumes: boolean }): SecureContext {
  return createSecureContext(contextOptions(identity, terms));
}

/** The same as a server takes it. */
export function contextOptions(
  { certificate, key, ciphers, clientCa }: Identity,
  { sessionContext, sessionSeconds, resumes }: Pick<TlsTerms, 'sessionContext' | 'sessionSeconds'> & { readonly resumes: boolean },
): SecureContextOptions {
  return {
    cert: certificate,
    key,
    minVersion: 'TLSv1.2',
    honorCipherOrder: true,
    sessionTimeout: sessionSeconds,
    ...(ciphers !== undefined && { ciphers: withNewCiphers(ciphers) }),
    ...(clientCa !== undefined && { ca: clientCa }),
    ...(sessionContext !== undefined && { sessionIdContext: sessionContext }),
    ...(!resumes && { secureOptions: constants.SSL_OP_NO_TICKET }),
  };
}

/** With those of TLS 1.3: a list without any would turn TLS 1.3 off in Node, which is not meant by one that is for TLS 1.2. */
function withNewCiphers(ciphers: string): string {
  return ciphers.split(':').some(isNew) ? ciphers : [...DEFAULT_CIPHERS.split(':').filter(isNew), ciphers].join(':');
}

/**
 * A session remembers that its client was let in, but not for which host. Where the hosts of an address let in different clients
 * there are none, or one host would open the other.
 */
export function mayResume({ own, hosts }: Credentials): boolean {
  const trusted = new Set([own, ...hosts.map(({ identity }) => identity)].map(({ clientCa }) => clientCa));
  return trusted.size === 1;
}

/**
 * Looks whether OpenSSL takes it.
 *
 * @throws TlsError
 */
export function checkIdentity(identity: Identity, { option, certificate }: Pick<IdentityPlan, 'option' | 'certificate'>): void {
  try {
    createSecureContext(contextOptions(identity, { sessionContext: undefined, sessionSeconds: 1, resumes: true }));
  } catch (error) {
    const isCiphers = (error as NodeJS.ErrnoException).code === 'ERR_SSL_NO_CIPHER_MATCH';
    throw isCiphers ? TlsError.ciphers(option, identity.ciphers ?? '') : TlsError.unusable(option, certificate, error as Error);
  }
}

function isNew(cipher: string): boolean {
  return cipher.startsWith('TLS_');
}
