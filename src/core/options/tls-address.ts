/**
 * The values that name certificates, as uWSGI writes them: an address or the name of a host, with the files that belong to it.
 */
import { type Address, parseAddress } from './address.ts';
import { readPairs } from './pair.ts';

/** The files of a certificate, as the user named them. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  /** OpenSSL's list; undefined for the usual ones. */
  readonly ciphers: string | undefined;
  /** Who has signed the certificates of clients; undefined where clients need none. */
  readonly clientCa: string | undefined;
  /** Clients without a certificate are turned away. */
  readonly requiresClient: boolean;
}

/** An address on which TLS is spoken. */
export interface TlsAddress extends CertificateFiles {
  readonly address: Address;
}

/** The certificate of a host, or of those that an expression fits. */
export interface HostCertificate extends CertificateFiles {
  readonly host: string;
}

const TLS_ADDRESS = 'ADDRESS,CERT,KEY[,CIPHERS[,CLIENT_CA]]';
const HOST_CERTIFICATE = 'HOST CERT,KEY[,CIPHERS[,CLIENT_CA]]';
const KEYVAL = 'addr=ADDRESS,cert=FILE,key=FILE[,ciphers=LIST][,clientca=FILE]';

/** What `https2` may have; it ignores the last one. */
const KEYS = ['addr', 'cert', 'key', 'ciphers', 'clientca', 'spdy'];

/**
 * Reads `:443,app.crt,app.key,HIGH,!ca.crt`: with a "!" before it, clients must have a certificate of that authority.
 *
 * @throws RangeError that says what is expected
 */
export function parseTlsAddress(text: string): TlsAddress {
  const [address = '', ...files] = text.split(',');
  return { ...readFiles(files, TLS_ADDRESS), address: parseAddress(address) };
}

/**
 * The same as names and values: `addr=:443,cert=app.crt,key=app.key`.
 *
 * @throws RangeError that says what is expected
 */
export function parseTlsKeyval(text: string): TlsAddress {
  const values = readPairs(text, KEYS, KEYVAL);
  const [address = '', ...files] = KEYS.slice(0, -1).map((key) => values.get(key) ?? '');
  if (address === '') throw new RangeError(KEYVAL);
  return { ...readFiles(files, KEYVAL), address: parseAddress(address) };
}

/**
 * Reads `www.example.com app.crt,app.key`.
 *
 * @throws RangeError that says what is expected
 */
export function parseHostCertificate(text: string): HostCertificate {
  const [, host, files = ''] = /^(\S+) +(.+)$/.exec(text) ?? [];
  if (host === undefined) throw new RangeError(HOST_CERTIFICATE);
  return { ...readFiles(files.split(','), HOST_CERTIFICATE), host };
}

/**
 * The same where the host is a regular expression.
 *
 * @throws RangeError that says what is expected
 */
export function parsePatternCertificate(text: string): HostCertificate {
  const found = parseHostCertificate(text);
  try {
    new RegExp(found.host, 'i');
  } catch {
    throw new RangeError(HOST_CERTIFICATE.replace('HOST', 'EXPRESSION'));
  }
  return found;
}

/** As uWSGI does it, what is behind the ciphers is the name of one file, commas and all. */
function readFiles([certificate = '', key = '', ciphers = '', ...rest]: readonly string[], expected: string): CertificateFiles {
  if (certificate === '' || key === '') throw new RangeError(expected);
  const clientCa = rest.join(',');
  const requiresClient = clientCa.startsWith('!');
  const file = requiresClient ? clientCa.slice(1) : clientCa;
  if (requiresClient && file === '') throw new RangeError(expected);
  return { certificate, key, ciphers: ciphers || undefined, clientCa: file || undefined, requiresClient };
}
