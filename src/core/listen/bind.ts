/**
 * An address → a bound socket on which nobody listens yet.
 *
 * The master binds, its children listen: a libuv handle that was bound but never told to listen does not accept, so the master
 * can keep the descriptor for as long as it lives and hand it to any child through `spawn`'s stdio list. The port therefore
 * stays open, and its backlog kept, whichever child dies.
 *
 * `net._createServerHandle` is what node:cluster itself binds with; the public `server.listen` always accepts.
 */
import { lookup } from 'node:dns/promises';
import * as net from 'node:net';
import { resolve as absolute } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { lstatSync, unlinkSync } from 'node:fs';
import { BindError } from '../errors/listen.ts';
import type { Address } from '../options/address.ts';
import type { BoundSocket } from './bound-socket.ts';
import { inheritDescriptor } from './inherit.ts';

interface Handle {
  readonly fd: number;
  close(): void;
  getsockname?(out: { address?: string; port?: number; family?: string }): number;
}

// eslint-disable-next-line max-params -- Node's signature, not ours
type CreateServerHandle = (address: string | null, port: number, addressType: number, fd: number, flags: number) => Handle | number;

const createServerHandle = (net as unknown as { _createServerHandle: CreateServerHandle })._createServerHandle;

/** Handles live as long as their socket is wanted: a collected handle would close the descriptor under the children. */
const kept = new Set<Handle>();

/**
 * Binds an address.
 *
 * @throws BindError that names the address and what to do.
 */
export async function bind(address: Address): Promise<BoundSocket> {
  switch (address.kind) {
    case 'tcp':
      return bindTcp(address);
    case 'unix':
      return bindUnix(address);
    case 'abstract':
      return bindAbstract(address);
    case 'fd':
      return inheritDescriptor(address);
  }
}

/** Closes a socket in this process. Whoever has it too goes on with it; when nobody has, the address is free. */
export function release({ handle }: BoundSocket): void {
  const known = [...kept].find((one) => one === handle);
  if (known === undefined) return;
  kept.delete(known);
  known.close();
}

/** The socket as `listen` takes it, for a server of this very process: that closes it. */
export function handOver({ handle, fd }: BoundSocket): object {
  const known = [...kept].find((one) => one === handle);
  if (known === undefined) return { fd };
  kept.delete(known);
  return known;
}

async function bindTcp(address: Extract<Address, { kind: 'tcp' }>): Promise<BoundSocket> {
  const host = await resolve(address);
  // The first call of net.isIPv6 takes 6 ms, to compile its expression.
  const family = host.includes(':') ? 6 : 4;
  const handle = keep(createServerHandle(host, address.port, family, -1, 0), address.text);
  const out: { address?: string; port?: number } = {};
  // libuv reports "address in use" late: here, where the address is asked for.
  const status = handle.getsockname?.(out) ?? 0;
  if (status !== 0) throw refusal(status, address.text);
  const port = out.port ?? address.port;
  const name = address.port === 0 ? address.text.replace(/0$/, String(port)) : address.text;
  return { fd: handle.fd, handle, name, port, file: undefined };
}

function bindAbstract({ name, text }: Extract<Address, { kind: 'abstract' }>): BoundSocket {
  const handle = keep(createServerHandle(`\0${name}`, -1, -1, -1, 0), text);
  return { fd: handle.fd, handle, name: text, port: undefined, file: undefined };
}

async function resolve({ host, text }: Extract<Address, { kind: 'tcp' }>): Promise<string> {
  if (net.isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch {
    throw new BindError(text, `there is no host "${host}"`, ['write an IP address, or :PORT for all interfaces']);
  }
}

async function bindUnix(address: Extract<Address, { kind: 'unix' }>): Promise<BoundSocket> {
  await removeStale(address);
  const handle = keep(createServerHandle(address.path, -1, -1, -1, 0), address.text);
  return {
    fd: handle.fd,
    handle,
    name: address.text,
    port: undefined,
    file: { path: absolute(address.path), inode: lstatSync(address.path).ino },
  };
}

/**
 * A socket file outlives its server, so a stale one is replaced, as uWSGI does. Other than uWSGI, one on which somebody still
 * answers is not taken away from them; a file that is no socket is left alone, and binding fails.
 */
async function removeStale({ path, text }: Extract<Address, { kind: 'unix' }>): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  if (await answers(path)) throw refusal('EADDRINUSE', text);
  unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((tell) => {
    const probe = net.connect(path);
    probe.once('connect', () => {
      probe.destroy();
      tell(true);
    });
    probe.once('error', () => tell(false));
  });
}

function keep(handle: Handle | number, text: string): Handle {
  if (typeof handle === 'number') throw refusal(handle, text);
  kept.add(handle);
  return handle;
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'stop the other server, or choose another address',
  // libuv says EACCES for a Unix socket's missing directory, too.
  EACCES: 'choose a port above 1023, or a directory that exists and that this user may write to',
  EADDRNOTAVAIL: 'use an address of this machine (ip address show), or :PORT for all of them',
};

function refusal(status: number | string, text: string): BindError {
  const [code, reason] = [...getSystemErrorMap()].find(([number, [name]]) => number === status || name === status)?.[1] ?? [
    '',
    `error ${status}`,
  ];
  const advice = ADVICE[code];
  return new BindError(text, reason, advice === undefined ? [] : [advice]);
}
