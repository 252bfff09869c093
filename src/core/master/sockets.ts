import type { Accounts } from './accounts.ts';
import { bind } from '../listen/bind.ts';
import type { BoundSocket } from '../listen/bound-socket.ts';
import { setPermissions } from '../listen/permissions.ts';
import type { Plan, SocketPlan } from '../plan/plan.ts';

/** A public address that is bound. */
export interface OpenSocket {
  readonly plan: SocketPlan;
  readonly bound: BoundSocket;
}

/**
 * Binds every public address of the plan and gives the Unix sockets their mode and owner.
 *
 * @throws BindError, DescriptorError, SocketOwnerError for the first address that cannot be had.
 */
export async function openSockets(plan: Plan, owner: Accounts): Promise<readonly OpenSocket[]> {
  const open: OpenSocket[] = [];
  for (const socket of plan.sockets) {
    const bound = await bind(socket.address);
    if (bound.file !== undefined) setPermissions(bound.file.path, { mode: plan.socketOwner.mode, ...owner });
    open.push({ plan: socket, bound });
  }
  return open;
}
