/** A listening address as uWSGI writes them, taken apart. `text` is what the user wrote and what logs and statistics show. */
export type Address =
  | { readonly kind: 'tcp'; readonly text: string; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly text: string; readonly path: string }
  | { readonly kind: 'abstract'; readonly text: string; readonly name: string }
  | { readonly kind: 'fd'; readonly text: string; readonly fd: number };

/** Longest path that fits sockaddr_un on Linux, its closing NUL not counted. */
const UNIX_PATH_LIMIT = 107;

/**
 * Reads `:9090`, `127.0.0.1:0`, `[::1]:9090`, `/tmp/app.sock`, `@name` (Linux abstract) or `fd://3` (inherited).
 * A colon alone decides between TCP and a Unix path, as in uWSGI; other than uWSGI, text that is no host or no port is refused.
 *
 * @throws RangeError that says what an address is, when the text is none.
 */
export function parseAddress(text: string): Address {
  if (text.startsWith('fd://')) return { kind: 'fd', text, fd: parseDescriptor(text.slice('fd://'.length)) };
  if (text.startsWith('@')) return { kind: 'abstract', text, name: checkPath(text.slice(1)) };
  if (text.startsWith('unix:')) return { kind: 'unix', text, path: checkPath(text.slice('unix:'.length).replace(/^\/\/+/, '/')) };
  const colon = text.lastIndexOf(':');
  if (colon === -1) return { kind: 'unix', text, path: checkPath(text) };
  return { kind: 'tcp', text, host: parseHost(text.slice(0, colon)), port: parsePort(text.slice(colon + 1)) };
}

/** Others than the users of this machine can reach it, for all that its text says. */
export function isPublic(address: Address): boolean {
  if (address.kind === 'fd') return true;
  return address.kind === 'tcp' && !/^(127(\.\d+){3}|::1|localhost)$/i.test(address.host);
}

function parseDescriptor(digits: string): number {
  if (!/^\d{1,7}$/.test(digits)) throw new RangeError('an inherited descriptor as fd://3');
  return Number(digits);
}

function checkPath(path: string): string {
  if (path === '') throw new RangeError('an address: HOST:PORT, :PORT, /path/to.sock, @name or fd://N');
  if (Buffer.byteLength(path) > UNIX_PATH_LIMIT) throw new RangeError(`a Unix socket path of at most ${UNIX_PATH_LIMIT} bytes`);
  return path;
}

/** The empty host is every IPv4 interface, as uWSGI's `:9090`; brackets hold an IPv6 address. */
function parseHost(host: string): string {
  if (host === '') return '0.0.0.0';
  const bracketed = /^\[([0-9a-fA-F:.%\w]+)\]$/.exec(host);
  if (bracketed?.[1] !== undefined) return bracketed[1];
  if (!/^[\w.-]+$/.test(host)) throw new RangeError('an address: HOST:PORT with a host name, an IPv4 address or an [IPv6 address]');
  return host;
}

function parsePort(digits: string): number {
  if (!/^\d{1,5}$/.test(digits) || Number(digits) > 65535) throw new RangeError('an address whose port is a number from 0 to 65535');
  return Number(digits);
}
