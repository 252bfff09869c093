import { isIPv6 } from 'node:net';

/** A name or an IPv4 address, or an IPv6 address in brackets, and a port (RFC 3986 3.2). No comma, which mostly stands between two hosts, and no two dots in a row. */
const HOST = /^(?!.*\.\.)(?:\[([^\]]*)\]|(?:[A-Za-z0-9\-._~!$&'()*+;=]|%[0-9A-Fa-f]{2})*)(?::(\d{0,5}))?$/;
const PORT_MAX = 65_535;

/** Whether a host with its port, if it has one, is what it should be; an empty one is (RFC 9112 3.2). */
export function isHost(text: string): boolean {
  const parts = HOST.exec(text);
  if (!parts) return false;
  const [, address, port = ''] = parts;
  return Number(port) <= PORT_MAX && (address === undefined || (isIPv6(address) && !address.includes('%')));
}
