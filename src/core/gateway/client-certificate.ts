/** The certificate that a client has shown: whether it opens the door, and what the application hears of it. */
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { Identity, TlsTerms } from '../plan/tls.ts';
import { marshalKey } from '../wire/marshal.ts';
import type { EnvironPair } from './door.ts';

const KEYS = {
  certificate: marshalKey('HTTPS_CLIENT_CERTIFICATE'),
  name: marshalKey('HTTPS_DN'),
  text: marshalKey('HTTPS_CC'),
};

/** Why this client is not let in; undefined where it is. */
export function refusalOf(
  socket: TLSSocket,
  { clientCa, requiresClient }: Identity,
  { verifyDepth }: Pick<TlsTerms, 'verifyDepth'>,
): string | undefined {
  if (clientCa === undefined) return undefined;
  if (certificateOf(socket) === undefined) return requiresClient ? 'no certificate of the client: not let in' : undefined;
  if (!socket.authorized) return `the certificate of the client is not good (${String(socket.authorizationError)}): not let in`;
  const between = authoritiesBetween(socket);
  return between > verifyDepth
    ? `${between} authorities stand behind the certificate of the client (ssl-verify-depth): not let in`
    : undefined;
}

/** The keys and the forms are uWSGI's. */
export function clientVariables(socket: TLSSocket, { exportsCertificate }: Pick<TlsTerms, 'exportsCertificate'>): readonly EnvironPair[] {
  const raw = certificateOf(socket);
  if (raw === undefined) return [];
  const certificate = new X509Certificate(raw);
  const variables: EnvironPair[] = [
    [KEYS.certificate, raw.toString('latin1')],
    [KEYS.name, nameOf(certificate)],
  ];
  return exportsCertificate ? [...variables, [KEYS.text, certificate.toString()]] : variables;
}

/** Not by `getPeerX509Certificate`, which takes the chain behind it away from the socket. */
function certificateOf(socket: TLSSocket): Buffer | undefined {
  return (socket.getPeerCertificate() as Partial<DetailedPeerCertificate>).raw;
}

/** "/C=GR/O=Acme, Inc./CN=alice", with \xNN for each byte that is no character of ASCII. */
function nameOf({ subject }: X509Certificate): string {
  return `/${subject.split('\n').map(unescape).join('/')}`.replace(/[^\x20-\x7e]/gu, escapeBytes);
}

/** Node shows names in the form of RFC 2253: "Acme\, Inc.", "two\0Alines". */
function unescape(field: string): string {
  return field.replace(/\\(?:([0-9A-F]{2})|(.))/gi, (_, code: string | undefined, character: string) =>
    code === undefined ? character : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function escapeBytes(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** Those that neither are the client's nor the one that is trusted. A session that is resumed was looked at before, and has no chain. */
function authoritiesBetween(socket: TLSSocket): number {
  if (socket.isSessionReused()) return 0;
  const passed = new Set<DetailedPeerCertificate>();
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  // The last one is its own issuer.
  while (next !== undefined && !passed.has(next)) {
    passed.add(next);
    next = (next as Partial<DetailedPeerCertificate>).issuerCertificate;
  }
  return Math.max(0, passed.size - 2);
}
