import { lstatSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ServerFileError } from '../errors/accounts.ts';
import { bind } from '../listen/bind.ts';
import type { BoundSocket } from '../listen/bound-socket.ts';
import { setPermissions, type SocketPermissions } from '../listen/permissions.ts';
import type { Address } from '../options/address.ts';
import type { Plan, SocketPlan } from '../plan/plan.ts';
import { Renewal } from '../tls/renewal.ts';
import type { Accounts } from './accounts.ts';

/** A public address that is bound. */
export interface OpenSocket {
  readonly plan: SocketPlan;
  readonly bound: BoundSocket;
  /** Its certificates, where it speaks TLS. */
  readonly renewal?: Renewal;
}

/**
 * Binds every public address of the plan and gives the Unix sockets their mode and owner.
 *
 * @throws BindError, DescriptorError, SocketOwnerError, TlsError for the first address that cannot be had.
 */
export async function openSockets({ sockets, socketOwner: { mode } }: Plan, owner: Accounts): Promise<readonly OpenSocket[]> {
  const open: OpenSocket[] = [];
  for (const socket of sockets) open.push(await openSocket(socket, { mode, ...owner }));
  return open;
}

/** The same for one of them. */
export async function openSocket(plan: SocketPlan, permissions: SocketPermissions): Promise<OpenSocket> {
  const certificates = certificatesOf(plan);
  const bound = await bind(plan.address);
  if (bound.file !== undefined) setPermissions(bound.file.path, permissions);
  return { plan, bound, ...certificates };
}

/**
 * The certificates of a socket, where it has any: those that it had before, if they come from the same files.
 *
 * @throws TlsError when they cannot be used
 */
export function certificatesOf({ tls }: SocketPlan, before?: OpenSocket): Pick<OpenSocket, 'renewal'> {
  if (tls === undefined) return {};
  const known = isDeepStrictEqual(before?.plan.tls, tls) ? before?.renewal : undefined;
  return { renewal: known ?? new Renewal(tls) };
}

/**
 * For each socket of a plan the open one that serves it, if there is one: the very same, one by another door, or another use of its address.
 * An address with port 0 is whichever port the system chose, so two of them are two.
 */
export function matchSockets(open: readonly OpenSocket[], wanted: readonly SocketPlan[]): readonly (OpenSocket | undefined)[] {
  const left = new Set(open);
  const take = (matches: (plan: SocketPlan) => boolean): OpenSocket | undefined => {
    const found = [...left].find(({ plan }) => matches(plan));
    if (found !== undefined) left.delete(found);
    return found;
  };
  const same = wanted.map((socket) => take((plan) => isDeepStrictEqual(plan, socket)));
  return wanted.map(
    (socket, index) =>
      same[index] ??
      take(({ option, address }) => option === socket.option && isDeepStrictEqual(address, socket.address)) ??
      take(({ address }) => !hasChosenPort(address) && isDeepStrictEqual(address, socket.address)),
  );
}

function hasChosenPort(address: Address): boolean {
  return address.kind === 'tcp' && address.port === 0;
}

/**
 * Removes the file of a Unix socket, unless it is another server's by now.
 *
 * @throws ServerFileError when that is not allowed
 */
export function removeFile({ file }: BoundSocket): void {
  if (file === undefined || lstatSync(file.path, { throwIfNoEntry: false })?.ino !== file.inode) return;
  try {
    rmSync(file.path, { force: true });
  } catch (error) {
    throw new ServerFileError('remove', file.path, error as NodeJS.ErrnoException);
  }
}
