import type { Address } from './address.ts';
import { FastcgiClient } from './fastcgi.ts';
import { scgiRequest } from './scgi.ts';
import { onEnd, type Scope } from './scope.ts';

/** What web servers speak, of which the gateway takes each request whole. */
export type Protocol = 'fastcgi' | 'scgi';
export const PROTOCOLS: readonly Protocol[] = ['fastcgi', 'scgi'];

/** A client of FastCGI that is closed with the test. */
export async function connect(t: Scope, address: Address): Promise<FastcgiClient> {
  const client = await FastcgiClient.open(address);
  onEnd(t, () => client.close());
  return client;
}

/** The body of an answer. */
export async function textOf(protocol: Protocol, address: Address, path: string): Promise<string> {
  if (protocol === 'scgi') return (await scgiRequest(address, path)).text;
  const client = await FastcgiClient.open(address);
  const { text } = await client.request(path);
  client.close();
  return text;
}
