import { isDeepStrictEqual } from 'node:util';
import { FixedSocketError } from '../errors/listen.ts';
import { release } from '../listen/bind.ts';
import type { LineBuffersLayout } from '../log/line-buffers.ts';
import type { Log } from '../log/log.ts';
import type { Holdup } from '../plan/gateway-plan.ts';
import type { NamedApplication } from '../plan/named-application.ts';
import type { Plan } from '../plan/plan.ts';
import type { ScoreboardLayout } from '../stats/scoreboard.ts';
import type { Renewal } from '../tls/renewal.ts';
import { findAccounts } from './accounts.ts';
import { announceGateway, announceGatewayCount, announceSocket } from './announce.ts';
import { checkBodyDirectory } from './body-directory.ts';
import { renewCertificates } from './certificates.ts';
import type { GatewayLink, StartGateway } from './gateway-link.ts';
import { Gateways } from './gateways.ts';
import type { PreparedChange } from './prepared-change.ts';
import type { ChildIdentity } from './privileges.ts';
import type { SlotsSocket } from './resources.ts';
import { gatewayListener, gatewayPlan } from './server-config.ts';
import { certificatesOf, matchSockets, type OpenSocket, openSocket, removeFile } from './sockets.ts';

/** What the doors are made of. */
export interface DoorsParts {
  readonly sockets: readonly OpenSocket[];
  /** For each gateway the bound private socket to which its slots connect. */
  readonly slots: readonly SlotsSocket[];
  readonly scoreboard: ScoreboardLayout;
  readonly lineBuffers: LineBuffersLayout;
  readonly startGateway: StartGateway;
  /** The gateway was told to watch, and a request waits for a worker. */
  readonly knocked: (site: string) => void;
  /** A request names an application of which the sites do not know. */
  readonly wanted: (application: NamedApplication) => void;
  /** Requests wait in a slot for one that takes long. */
  readonly heldUp: (holdup: Holdup) => void;
  readonly children: ChildIdentity;
  readonly log: Log;
}

/** The public sockets, and the gateway behind those that need one. A reload may add and take away. */
export class Doors {
  readonly #parts: DoorsParts;
  #sockets: readonly OpenSocket[];
  #gateway: GatewayLink | undefined;

  constructor(parts: DoorsParts) {
    this.#parts = parts;
    this.#sockets = parts.sockets;
  }

  /** Those of the plan that is coming while a change is prepared. */
  get sockets(): readonly OpenSocket[] {
    return this.#sockets;
  }

  /** Once it is there the gateway stays, since requests may be on their way through it. */
  get gateway(): GatewayLink | undefined {
    return this.#gateway;
  }

  /** Where the slots find the gateways; empty where there are none. */
  get gatewayPaths(): readonly string[] {
    return this.#gateway === undefined ? [] : this.#parts.slots.map(({ path }) => path);
  }

  /** Starts the gateway where the plan needs one, and waits until it listens. */
  async open(plan: Plan): Promise<void> {
    if (!plan.sockets.some(isGateways)) return;
    announceGatewayCount(this.#parts.log, plan.gateways, plan);
    checkBodyDirectory(plan.gateway);
    await this.#startGateway(plan, this.#sockets);
  }

  /**
   * Takes what another plan needs beside what is there: both until the change is committed or undone.
   *
   * @throws BindError, FixedSocketError, SocketOwnerError, TlsError, GatewayError, ServerFileError; then nothing has changed
   */
  async prepare(plan: Plan): Promise<PreparedChange> {
    const before = this.#sockets;
    const added: OpenSocket[] = [];
    const undo = async (): Promise<void> => {
      this.#sockets = before;
      for (const { bound } of added) release(bound);
      await this.#dropGatewayUnless(before.some(({ plan: socket }) => isGateways(socket)));
    };
    try {
      if (plan.sockets.some(isGateways)) checkBodyDirectory(plan.gateway);
      this.#sockets = await this.#socketsOf(plan, added);
      if (this.#gateway === undefined && plan.sockets.some(isGateways)) await this.#startGateway(plan, []);
    } catch (error) {
      await undo();
      throw error;
    }
    return { commit: () => this.#commit(plan, before), undo };
  }

  /** Looks whether certificates have changed, and gives those that have to the gateway. */
  lookAtCertificates(): void {
    this.#renew((renewal) => renewal.look());
  }

  #renew(how: (renewal: Renewal) => boolean): void {
    renewCertificates(this.#sockets, { how, give: (name, tls) => this.#gateway?.renew(name, tls), log: this.#parts.log });
  }

  async #socketsOf(plan: Plan, added: OpenSocket[]): Promise<readonly OpenSocket[]> {
    const { mode, user, group } = plan.socketOwner;
    const owner = { mode, ...findAccounts(user, group) };
    const known = matchSockets(this.#sockets, plan.sockets);
    const sockets: OpenSocket[] = [];
    for (const [index, socket] of plan.sockets.entries()) {
      const before = known[index];
      const open =
        before === undefined ? await openSocket(socket, owner) : { plan: socket, bound: before.bound, ...certificatesOf(socket, before) };
      if (before === undefined) added.push(open);
      // A descriptor that somebody else has opened cannot be sent on.
      const isNews = isGateways(socket) && !isDeepStrictEqual(before?.plan, socket);
      if (isNews && open.bound.handle === undefined) throw new FixedSocketError(open.bound.name);
      sockets.push(open);
    }
    return sockets;
  }

  async #commit({ gateway: settings, process: own }: Plan, before: readonly OpenSocket[]): Promise<void> {
    this.#gateway?.follow(settings);
    for (const socket of before) {
      const after = this.#sockets.find(({ bound }) => bound === socket.bound);
      if (!isDeepStrictEqual(after?.plan, socket.plan)) this.#leave(socket);
      if (after === undefined) this.#giveUp(socket, own.vacuum);
    }
    for (const socket of this.#sockets) {
      const known = before.find(({ bound }) => bound === socket.bound);
      if (!isDeepStrictEqual(known?.plan, socket.plan)) await this.#enter(socket);
    }
    this.#renew((renewal) => renewal.renew());
  }

  /** Nobody listens on it any more in the way that its plan says. Workers have left it with their generation. */
  #leave({ plan, bound }: OpenSocket): void {
    if (isGateways(plan)) this.#gateway?.close(bound.name);
  }

  async #enter(socket: OpenSocket): Promise<void> {
    announceSocket(this.#parts.log, socket);
    if (isGateways(socket.plan)) await this.#gateway?.open(gatewayListener(socket), socket.bound.handle);
  }

  #giveUp({ bound }: OpenSocket, vacuum: boolean): void {
    this.#parts.log.line(`${bound.name}: given up`);
    if (vacuum) removeFile(bound);
    release(bound);
  }

  async #startGateway(plan: Plan, sockets: readonly OpenSocket[]): Promise<void> {
    const { slots, scoreboard, lineBuffers, children, startGateway, knocked, wanted, heldUp, log } = this.#parts;
    const [first, ...others] = slots.map(({ fd: slotsFd }, index) =>
      startGateway(gatewayPlan(plan, { sockets, slotsFd, scoreboard, lineBuffers, index, gateways: slots.length }), children),
    );
    if (first === undefined) return;
    this.#gateway = others.length === 0 ? first : new Gateways([first, ...others]);
    this.#gateway.onKnock = knocked;
    this.#gateway.onWanted = wanted;
    this.#gateway.onHeldUp = heldUp;
    await this.#gateway.ready;
    for (const { pid } of this.#gateway.processes) announceGateway(log, pid);
  }

  async #dropGatewayUnless(isNeeded: boolean): Promise<void> {
    if (isNeeded || this.#gateway === undefined) return;
    const gateway = this.#gateway;
    this.#gateway = undefined;
    await gateway.stop('now');
  }
}

function isGateways({ door }: Plan['sockets'][number]): boolean {
  return door === 'gateway';
}
