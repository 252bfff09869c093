/**
 * TLS at an address: what the user named, and what was read of it.
 *
 * Whoever reads may have to be root, and the gateway is not; so it gets texts and never looks for a file.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Options } from '../options/registry.ts';
import type { CertificateFiles, HostCertificate } from '../options/tls-address.ts';

/** The files of a certificate, by absolute paths, and the option that named them. */
export interface IdentityPlan extends CertificateFiles {
  readonly option: string;
}

/** Whom an identity is for. */
export type HostMatch = { readonly kind: 'name'; readonly name: string } | { readonly kind: 'pattern'; readonly pattern: string };

export interface TlsPlan extends TlsTerms {
  /** For clients who ask for no host, or for one that is not among the others. */
  readonly own: IdentityPlan;
  readonly hosts: readonly { readonly match: HostMatch; readonly files: IdentityPlan }[];
  /** Has the files of more hosts, HOST.crt, HOST.key and HOST.ca. */
  readonly folder: { readonly path: string; readonly ciphers: string | undefined } | undefined;
}

/** What holds for all identities of an address. */
export interface TlsTerms {
  /** The application gets the certificate of the client as text, too. */
  readonly exportsCertificate: boolean;
  /** Sessions go on wherever this is the same. Undefined leaves it to Node. */
  readonly sessionContext: string | undefined;
  readonly sessionSeconds: number;
  /** How many authorities may stand between the certificate of a client and the one that is trusted. */
  readonly verifyDepth: number;
  /** Clients may choose HTTP/2. */
  readonly offersHttp2: boolean;
}

/** A certificate with its key, as PEM text, and the certificates of clients that go with it. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
  readonly ciphers: string | undefined;
  readonly clientCa: string | undefined;
  readonly requiresClient: boolean;
}

/** All that a gateway needs to speak TLS at an address. */
export interface Credentials extends TlsTerms {
  readonly own: Identity;
  /** The first that fits counts. */
  readonly hosts: readonly { readonly match: HostMatch; readonly identity: Identity }[];
}

/** @param directory where the server was started; as in uWSGI, the files are seen from there whatever `chdir` says */
export function planTls(options: Options, option: string, { files, directory }: { files: CertificateFiles; directory: string }): TlsPlan {
  const absolute = (named: CertificateFiles, by: string): IdentityPlan => ({
    option: by,
    certificate: resolve(directory, named.certificate),
    key: resolve(directory, named.key),
    ciphers: named.ciphers,
    clientCa: named.clientCa === undefined ? undefined : resolve(directory, named.clientCa),
    requiresClient: named.requiresClient,
  });
  const hostsOf = (by: string, named: readonly HostCertificate[], match: (host: string) => HostMatch) =>
    named.map((one) => ({ match: match(one.host), files: absolute(one, by) }));
  return {
    own: absolute(files, option),
    hosts: [
      ...hostsOf('sni', options.sni, (host) => ({ kind: 'name', name: host.toLowerCase() })),
      ...hostsOf('sni-regexp', options.sniRegexp, (pattern) => ({ kind: 'pattern', pattern })),
    ],
    folder: options.sniDir === undefined ? undefined : { path: resolve(directory, options.sniDir), ciphers: options.sniDirCiphers },
    exportsCertificate: options.httpsExportCert,
    sessionContext: sessionContextOf(options.httpsSessionContext),
    sessionSeconds: options.sslSessionsTimeout,
    verifyDepth: options.sslVerifyDepth,
    offersHttp2: options.http2,
  };
}

/** OpenSSL takes 32 bytes. */
function sessionContextOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : createHash('sha256').update(text).digest('hex').slice(0, 32);
}
