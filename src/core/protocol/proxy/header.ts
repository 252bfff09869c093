/**
 * The PROXY protocol: what a load balancer says of a client before it passes on the client's bytes.
 *
 *     1   PROXY TCP4 192.0.2.1 192.0.2.9 51234 443\r\n                                    at most 107 bytes
 *     2   | 12 bytes of signature | version, command u8 | family u8 | size u16be | addresses | TLVs |
 *
 * @see https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
 */
import { isIPv4, isIPv6 } from 'node:net';
import { ProtocolError } from '../../errors/protocol.ts';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const FIXED_SIZE = 16;
const WORD = Buffer.from('PROXY ', 'latin1');
/** With its line end. */
const LONGEST_LINE = 107;
/** A balancer may add a certificate; one that adds more than this is none. */
const LONGEST_BLOCK = 16 * 1024;

const LOCAL = 0;
const PROXY = 1;

/** What stands at the family's byte: the kind of address and of transport. */
const FAMILIES: Readonly<Record<number, 'tcp4' | 'tcp6' | 'unix'>> = { 0x11: 'tcp4', 0x21: 'tcp6', 0x31: 'unix' };
const ADDRESS_SIZES = { tcp4: 12, tcp6: 36, unix: 216 } as const;

/** One end of a connection. */
export interface End {
  readonly address: string;
  readonly port: number;
}

/** Who the client is and where it went to; `unknown` where the balancer does not say, or speaks for itself. */
export type ProxiedClient =
  { readonly kind: 'tcp'; readonly from: End; readonly to: End } | { readonly kind: 'unix' } | { readonly kind: 'unknown' };

export interface ProxyHeader {
  readonly client: ProxiedClient;
  /** Bytes of the header; what follows is the client's. */
  readonly size: number;
}

/**
 * The header at the beginning of these bytes, or undefined while more of it has to come.
 *
 * @throws ProtocolError as soon as it is clear that there is none, or that it is broken
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  if (begins(bytes, SIGNATURE)) return bytes.length < FIXED_SIZE ? undefined : readBlock(bytes);
  if (begins(bytes, WORD)) return readLine(bytes);
  throw malformed('no header');
}

/** As far as both go they are the same. */
function begins(bytes: Buffer, start: Buffer): boolean {
  const size = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, size, 0, size) === 0;
}

function readLine(bytes: Buffer): ProxyHeader | undefined {
  const end = bytes.subarray(0, LONGEST_LINE).indexOf('\r\n');
  if (end < 0) {
    if (bytes.length >= LONGEST_LINE) throw malformed('a line without an end');
    return undefined;
  }
  return { client: parseLine(bytes.toString('latin1', 0, end)), size: end + 2 };
}

function parseLine(line: string): ProxiedClient {
  const [, family, ...words] = line.split(' ');
  // Whatever follows is to be passed over.
  if (family === 'UNKNOWN') return { kind: 'unknown' };
  const [from = '', to = '', fromPort = '', toPort = ''] = words;
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : undefined;
  if (isAddress === undefined) throw malformed('an unknown family');
  if (words.length !== 4) throw malformed('a line that has not four parts after its family');
  if (![from, to].every((address) => isAddress(address) && !address.includes('%'))) throw malformed(`an address that is none of ${family}`);
  return { kind: 'tcp', from: { address: from, port: parsePort(fromPort) }, to: { address: to, port: parsePort(toPort) } };
}

function parsePort(text: string): number {
  const port = /^(0|[1-9]\d{0,4})$/.test(text) ? Number(text) : Infinity;
  if (port > 65535) throw malformed('a port that is none');
  return port;
}

function readBlock(bytes: Buffer): ProxyHeader | undefined {
  const [version, command] = [bytes.readUInt8(12) >> 4, bytes.readUInt8(12) & 15];
  const size = bytes.readUInt16BE(14);
  if (version !== 2) throw malformed(`version ${version}`);
  if (command !== LOCAL && command !== PROXY) throw malformed(`command ${command}`);
  if (size > LONGEST_BLOCK) throw malformed(`${size} bytes of addresses and more`);
  if (bytes.length < FIXED_SIZE + size) return undefined;
  const block = bytes.subarray(FIXED_SIZE, FIXED_SIZE + size);
  // The balancer's own connection, to see whether we are there: what it says of addresses is to be passed over.
  const client: ProxiedClient = command === LOCAL ? { kind: 'unknown' } : readAddresses(bytes.readUInt8(13), block);
  return { client, size: FIXED_SIZE + size };
}

/** Behind the addresses are TLVs, which tell nothing that we pass on. */
function readAddresses(code: number, block: Buffer): ProxiedClient {
  const family = FAMILIES[code];
  // UNSPEC, and datagrams, of which there are none on our sockets.
  if (family === undefined) {
    if (code >> 4 > 3 || (code & 15) > 2) throw malformed('an unknown family');
    return { kind: 'unknown' };
  }
  if (block.length < ADDRESS_SIZES[family]) throw malformed('addresses that are cut off');
  if (family === 'unix') return { kind: 'unix' };
  const size = family === 'tcp4' ? 4 : 16;
  const end = (from: number, portAt: number): End => ({
    address: formatAddress(block.subarray(from, from + size)),
    port: block.readUInt16BE(portAt),
  });
  return { kind: 'tcp', from: end(0, 2 * size), to: end(size, 2 * size + 2) };
}

function formatAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return shorten(groups.join(':'));
}

/** The longest row of zeros, if it is one of several, becomes `::` (RFC 5952). */
function shorten(address: string): string {
  const rows = [...address.matchAll(/(?<![^:])0(:0)+(?![^:])/g)].sort((one, other) => other[0].length - one[0].length);
  const [row] = rows;
  if (row === undefined) return address;
  const [before, after] = [address.slice(0, row.index), address.slice(row.index + row[0].length)];
  return `${before.replace(/:$/, '')}::${after.replace(/^:/, '')}`;
}

function malformed(what: string): ProtocolError {
  return ProtocolError.malformed('PROXY', what);
}
