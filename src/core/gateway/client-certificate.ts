/** The certificate that a client has shown: whether it opens the door, and what the application hears of it. */
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, Server, TLSSocket } from 'node:tls';
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
  // What was not seen is not let in.
  const between = behind.get(socket) ?? Infinity;
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

/** How many authorities stand behind the certificates of clients, seen in time. */
const behind = new WeakMap<TLSSocket, number>();

/**
 * Looks at the certificates of this server's clients as soon as they are there: some versions of Node have lost what came with them before
 * 'secureConnection'. Only the event for keys tells of a socket early enough; the keys are not looked at.
 *
 * @see https://github.com/nodejs/node/issues/65579
 */
export function watchChains(server: Server): void {
  const known = new WeakSet<TLSSocket>();
  server.on('keylog', (_, socket) => {
    if (known.has(socket)) return;
    known.add(socket);
    socket.prependOnceListener('secure', () => behind.set(socket, authoritiesBetween(socket)));
  });
}

/** Those that neither are the client's nor the one that is trusted. A session that is resumed was looked at before, and has no chain. */
function authoritiesBetween(socket: TLSSocket): number {
  if (socket.isSessionReused()) return 0;
  const chain = new Set<DetailedPeerCertificate>();
  let last = socket.getPeerCertificate(true);
  for (let next: DetailedPeerCertificate | undefined = last; next !== undefined && !chain.has(next);) {
    chain.add(next);
    last = next;
    next = (next as Partial<DetailedPeerCertificate>).issuerCertificate;
  }
  // Node does not find the trusted one, which is its own issuer, where a host has its own.
  const isTrustedOneThere = last.issuerCertificate === last;
  return Math.max(0, chain.size - (isTrustedOneThere ? 2 : 1));
}
