/** Bodies that are too large to be kept, up and down, by each protocol. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Address } from './address.ts';
import { ByteStream } from './byte-stream.ts';
import { FCGI, fcgiHead, fcgiMessage, fcgiRecord, fcgiVars } from './fastcgi.ts';

import { peakKib, rssKib } from './processes.ts';
import { onEnd, type Scope } from './scope.ts';
import { scgiHead } from './scgi.ts';
import type { Door, Server } from './server.ts';
import { uwsgiPacket } from './uwsgi-client.ts';

const MEGABYTE = 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024 - 1, 'Up it goes. ');

export type Protocol = 'http' | 'uwsgi' | 'fastcgi' | 'scgi';

export const PROTOCOLS: readonly Protocol[] = ['http', 'uwsgi', 'fastcgi', 'scgi'];

/** The option that makes an address of this protocol, and what the start-up lines call it. */
export function doorOf(protocol: Protocol): { readonly option: string; readonly door: Door } {
  if (protocol === 'uwsgi') return { option: 'socket', door: 'uwsgi' };
  const option = `${protocol}-socket` as const;
  return { option, door: option };
}

/** A request without a body. */
export function asking(protocol: Protocol, path: string): Buffer {
  return protocol === 'fastcgi' ? fcgiMessage(path, { keepsConnection: false }) : opening(protocol, path, 0);
}

/** All of a request but its body. */
export function opening(protocol: Protocol, path: string, size: number): Buffer {
  const length = { CONTENT_LENGTH: String(size) };
  switch (protocol) {
    case 'http':
      return Buffer.from(`POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${String(size)}\r\n\r\n`);
    case 'uwsgi':
      return uwsgiPacket({ ...fcgiVars(path, { REQUEST_METHOD: 'POST' }), ...length });
    case 'fastcgi':
      return fcgiHead(path, { vars: length, keepsConnection: false });
    case 'scgi':
      return scgiHead(Object.entries({ ...length, SCGI: '1', ...fcgiVars(path, { REQUEST_METHOD: 'POST' }) }));
  }
}

/** A piece of a body, as it goes over the wire. */
export function wrapped(protocol: Protocol, piece: Buffer): Buffer {
  return protocol === 'fastcgi' ? fcgiRecord(FCGI.stdin, 1, piece) : piece;
}

/** Sends a body of so many megabytes to digest.py, and returns whether all of it arrived. */
export async function upload(scope: Scope, { protocol, address, megabytes }: Transfer): Promise<boolean> {
  const stream = await connect(scope, address);
  const size = megabytes * MEGABYTE;
  const digest = createHash('sha256');
  stream.write(opening(protocol, '/', size));
  for (let left = size; left > 0;) {
    const piece = PIECE.subarray(0, left);
    digest.update(piece);
    left -= piece.length;
    await stream.written(wrapped(protocol, piece));
  }
  const answer = (await stream.readToEnd()).toString('latin1');
  stream.close();
  return answer.includes(`\r\n\r\n${String(size)} ${digest.digest('hex')}`);
}

/** Takes a body of so many megabytes from download.py, and returns whether all of it came. */
export async function download(scope: Scope, { protocol, address, megabytes }: Transfer): Promise<boolean> {
  const stream = await connect(scope, address);
  stream.write(asking(protocol, `/?${String(megabytes)}`));
  while ((await stream.readSome()).length > 0);
  stream.close();
  return stream.received > megabytes * MEGABYTE;
}

export interface Transfer {
  readonly protocol: Protocol;
  readonly address: Address;
  readonly megabytes: number;
}

export async function connect(scope: Scope, address: Address): Promise<ByteStream> {
  const stream = await ByteStream.open(address);
  onEnd(scope, () => stream.close());
  return stream;
}

/** Watches what the gateway, if there is one, and the first worker hold from now on; gives the most in KiB above what they hold now. */
export function watchMemory(server: Server): () => number {
  const pids = [gatewayPid(server), server.workerPid(1)].filter((pid) => pid !== undefined);
  // Resets the peak (proc(5), clear_refs).
  for (const pid of pids) writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
  const before = pids.map(rssKib);
  return () => pids.reduce((sum, pid, at) => sum + peakKib(pid) - (before[at] ?? 0), 0);
}

/** The process of the gateway; undefined where there is none. */
export function gatewayPid(server: Server): number | undefined {
  const pid = server.lines(/^gateway \(pid (\d+)\) listening/)[0]?.[1];
  return pid === undefined ? undefined : Number(pid);
}
