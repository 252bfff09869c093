import type { Address } from './address.ts';
import { fetchOnce, type HttpResponse } from './http.ts';
import type { Server } from './server.ts';
import { uwsgiRequest } from './uwsgi-client.ts';

/** A way to a worker, for tests of what holds whichever way a request comes. */
export interface Door {
  readonly door: 'http' | 'uwsgi';
  /** A server with a master that has it. */
  readonly flags: string;
  readonly ask: (address: Address, path: string) => Promise<HttpResponse>;
}

export const DOORS: readonly Door[] = [
  { door: 'http', flags: '--http 127.0.0.1:0 -M', ask: (address, path) => fetchOnce(address, path) },
  { door: 'uwsgi', flags: '--socket 127.0.0.1:0 -M', ask: (address, path) => uwsgiRequest(address, path) },
];

/** How many workers have ever served. */
export function spawned(server: Server): number {
  return server.lines(/worker \d+ \(pid \d+\) serving/).length;
}
