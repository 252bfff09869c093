import { createServer, type AddressInfo } from 'node:net';
import { connectionPair } from './connection-pair.ts';
import type { Scope } from './scope.ts';

/** Where a client connects to. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** `127.0.0.1:3031`, `:9090`, `[::1]:9090`, `/tmp/x.sock`, `@abstract`, as the servers write them. */
export function parseAddress(text: string): Address {
  const tcp = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^/:@]*)):(?<port>\d+)$/.exec(text)?.groups;
  if (!tcp) return { path: text.startsWith('@') ? `\0${text.slice(1)}` : text };
  const host = tcp['v6'] ?? tcp['v4'] ?? '';
  return { host: host === '' || host === '0.0.0.0' ? '127.0.0.1' : host, port: Number(tcp['port']) };
}

/** `http://127.0.0.1:8080`, or what nginx writes for a Unix socket. */
export function formatAddress(address: Address): string {
  if ('path' in address) return `unix:${address.path}`;
  return address.host.includes(':') ? `[${address.host}]:${String(address.port)}` : `${address.host}:${String(address.port)}`;
}

/** A port that was free a moment ago, for programs that cannot tell which one they took. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A port where nothing listens, and nothing can as long as `t` lasts: a connection goes out from it. */
export async function refusingPort(t: Scope): Promise<number> {
  const { client } = await connectionPair(t);
  const { port } = client.address() as AddressInfo;
  return port;
}
