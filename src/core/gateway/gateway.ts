import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { gatewayCounter } from '../log/line-buffers.ts';
import {
  failed,
  type GatewayCommand,
  type GatewayListener,
  type GatewayPlan,
  type GatewayReport,
  type GatewaySettings,
} from '../plan/gateway-plan.ts';
import { isRouter } from '../plan/socket-option.ts';
import { ScoreboardReader } from '../stats/scoreboard.ts';
import { BODIES, REQUEST_LOG } from '../util/runtime-directory.ts';
import { marshalKey, MarshalWriter } from '../wire/marshal.ts';
import { REQUEST_ROOM } from '../wire/messages.ts';
import { Slot } from '../workers/slot.ts';
import { AnswerLog } from './answer-log.ts';
import { BodyStore } from './body-store.ts';
import { boundExpressions } from './bounded-expressions.ts';
import { callerOn } from './caller.ts';
import { Counters } from './counters.ts';
import { Deadlines, tickFor } from './deadlines.ts';
import { Dispatchers } from './dispatchers.ts';
import type { Destination } from './destination.ts';
import type { ClientConnection, Door, EnvironPair } from './door.ts';
import { nobody } from './nobody.ts';
import { Oddities } from './oddities.ts';
import { LINGER_MS } from './patience.ts';
import { headTimeoutOf, speak, timeoutOf } from './protocols.ts';
import { ReceiverChain } from './receiver-chain.ts';
import { type ReceiverPorts, receiversFor } from './receivers.ts';
import { RegularReports } from './regular-reports.ts';
import { requestOutlet } from './request-outlet.ts';
import { filesAllowed, Room } from './room.ts';
import { SharedBodies } from './shared-bodies.ts';
import type { Speech } from './speech.ts';
import { Tracing } from './tracing/tracing.ts';

/** Not the time of the last tick: where that was late, a request would seem to have begun before it did, and be given up too early. */
const EXACT_CLOCK = {
  get now() {
    return performance.now();
  },
};
/** Slots that connect at the same time: the threads of all workers, when a gateway comes back. */
const SLOTS_BACKLOG = 511;

/** A bound socket: a descriptor of this process, or the handle of one that another process has sent. */
export type ListenTarget = { readonly fd: number } | object;

/** An address on which we listen. */
interface ClientSide {
  readonly listener: GatewayListener;
  readonly door: Door;
  readonly speech: Speech;
  readonly server: Server;
  isOpen: boolean;
}

/**
 * Clients on one side, slots on the other. It owns the servers on both sides, and ends when it is told to:
 *
 *     new ──start──▶ serving ──stop gracefully──▶ stopping ──last response──▶ stopped
 *                       └──────────stop now───────────┴──────────────────────────▲
 */
export class Gateway {
  #plan: GatewayPlan;
  readonly #report: (report: GatewayReport) => void;
  readonly #log: (line: string) => void;
  readonly #scoreboard: ScoreboardReader;
  readonly #dispatchers: Dispatchers;
  readonly #deadlines: Deadlines;
  readonly #counters = new Counters();
  readonly #environ = new MarshalWriter(REQUEST_ROOM);
  readonly #slots: Server;
  readonly #clients: ClientSide[];
  readonly #connections = new Set<ClientConnection>();
  readonly #sharedBodies: SharedBodies;
  readonly #bodies: BodyStore;
  readonly #bodyTrouble: Oddities;
  readonly #room: Room;
  readonly #receiverPorts: ReceiverPorts;
  readonly #tracing: Tracing;
  #slotConnections = 0;
  #state: 'new' | 'serving' | 'stopping' | 'stopped' = 'new';
  #lastTick: number;
  /** When it has waited long enough for clients that take their time. */
  #stopBy = Infinity;
  readonly #regularReports: RegularReports;

  constructor(plan: GatewayPlan, report: (report: GatewayReport) => void, log: (line: string) => void) {
    boundExpressions();
    this.#plan = plan;
    this.#report = report;
    this.#log = log;
    this.#scoreboard = new ScoreboardReader(plan.scoreboard);
    this.#dispatchers = new Dispatchers(plan, {
      lastStarted: ({ seat, core }) => this.#scoreboard.lastRequest(seat + core),
      log,
      counters: this.#counters,
      knock: (site) => this.#report({ type: 'knock', site }),
      bare: (site) => {
        if (plan.number !== undefined) this.#report({ type: 'short', site, isBare: true });
      },
      wanted: (application) => this.#report({ type: 'wanted', application }),
      askBack: ({ seat, core }) => this.#report({ type: 'held-up', seat, core }),
    });
    this.#deadlines = new Deadlines(tickOf(plan), () => this.#tick());
    this.#lastTick = this.#deadlines.now;
    const files = filesAllowed();
    this.#bodyTrouble = new Oddities('slow clients', { now: () => this.#deadlines.now, log });
    this.#sharedBodies = new SharedBodies(join(dirname(plan.scoreboard.path), BODIES), plan.number ?? 1);
    this.#bodies = new BodyStore(plan, files, { tell: (what) => this.#bodyTrouble.add(what), shared: this.#sharedBodies });
    const sources = { counters: this.#counters, dispatchers: this.#dispatchers, connections: this.#connections };
    this.#regularReports = new RegularReports(sources, report);
    this.#room = new Room(this.#connections, { files, connections: plan.maxConnections }, log);
    this.#receiverPorts = {
      workersOf: (site) => this.#dispatchers.of(site),
      workersFor: (application) => this.#dispatchers.for(application),
      nobody,
      log,
      answers: new AnswerLog(this.#requestOutlet(), () => this.#plan, this.#counters),
    };
    this.#tracing = new Tracing(log);
    this.#slots = createServer((socket) => {
      this.#slotConnections++;
      socket.once('close', () => this.#slotConnections--);
      new Slot(socket, ({ site }) => this.#dispatchers.of(site), EXACT_CLOCK);
    });
    this.#clients = plan.listeners.map((listener) => this.#clientSide(listener));
  }

  #requestOutlet(): (line: string) => void {
    const pipe = join(dirname(this.#plan.scoreboard.path), REQUEST_LOG);
    const onDropped = gatewayCounter(this.#plan.lineBuffers);
    return requestOutlet({ pipe, isApart: () => this.#plan.requestLogApart, log: this.#log, onDropped });
  }

  /** Listens on everything, then reports `ready`, or `failed` with the reason. */
  start(): void {
    this.#state = 'serving';
    this.#deadlines.start();
    this.#listenOnAll().then(
      () => this.#report({ type: 'ready' }),
      (error: unknown) => this.#report(failed(error)),
    );
  }

  /** @param socket what came along with the command */
  handle(command: GatewayCommand, socket?: ListenTarget): void {
    switch (command.type) {
      case 'configure':
        // A gateway lives with one plan; its process is configured before there is one.
        return;
      case 'retire':
        this.#dispatchers.of(command.site).retire(command.seat, command.pid);
        return;
      case 'settings':
        this.#follow(command.settings);
        return;
      case 'open':
        if (socket !== undefined) this.#open(command.listener, socket);
        return;
      case 'close':
        this.#close(command.name);
        return;
      case 'renew':
        this.#clients.find(({ listener }) => listener.name === command.name)?.speech.renew?.(command.tls);
        return;
      case 'pause':
        this.#dispatchers.pause();
        return;
      case 'resume':
        this.#dispatchers.resume();
        return;
      case 'probe':
        this.#report({ type: 'alive' });
        return;
      case 'watch':
        this.#dispatchers.of(command.site).watch();
        return;
      case 'refuse':
        this.#dispatchers.refuse(command);
        return;
      case 'forget':
        this.#dispatchers.forget(command.site);
        return;
      case 'lend':
        this.#dispatchers.lend(command);
        return;
      case 'stop':
        if (command.how === 'now') this.#end();
        else this.#stop();
        return;
    }
  }

  async #listenOnAll(): Promise<void> {
    // Before the first request, which is to have a span as well.
    if (this.#plan.tracing !== undefined) await this.#trace(this.#plan);
    if (this.#state === 'stopped') return;
    await Promise.all([
      this.#listen(this.#slots, { fd: this.#plan.slotsFd }, { name: 'the socket of the workers', backlog: SLOTS_BACKLOG }),
      ...this.#clients.map(({ listener: { fd, name }, server }) => this.#listen(server, { fd }, { name, backlog: this.#plan.backlog })),
    ]);
  }

  /** Requests that come from now on have spans, or have none, as these settings say. */
  async #trace({ tracing }: GatewaySettings): Promise<void> {
    const isChanged = await this.#tracing.follow(tracing);
    if (isChanged) for (const { door, listener } of this.#clients) door.receivers = this.#chainFor(listener);
  }

  #follow(settings: GatewaySettings): void {
    this.#plan = { ...this.#plan, ...settings };
    this.#dispatchers.follow(settings);
    this.#bodies.follow(settings);
    this.#room.most = settings.maxConnections;
    this.#deadlines.retime(tickOf(settings));
    for (const side of this.#clients) {
      const { door, listener } = side;
      side.speech.follow(settings);
      door.socketTimeoutMs = timeoutOf(listener, settings);
      door.headTimeoutMs = headTimeoutOf(listener, settings);
      door.keepAliveMs = settings.keepAliveMs;
      door.limitPost = settings.limitPost;
      door.workers = this.#workers;
      door.receivers = this.#chainFor(listener);
    }
    void this.#trace(settings);
  }

  #open(listener: GatewayListener, socket: ListenTarget): void {
    const side = this.#clientSide(listener);
    this.#clients.push(side);
    const { name } = listener;
    this.#listen(side.server, socket, { name, backlog: this.#plan.backlog })
      .catch((error: unknown) => this.#log(`[gateway] ${(error as Error).message}`))
      .finally(() => this.#report({ type: 'opened', name }));
  }

  #close(name: string): void {
    const at = this.#clients.findIndex(({ listener }) => listener.name === name);
    const [side] = at < 0 ? [] : this.#clients.splice(at, 1);
    if (side === undefined) return;
    side.isOpen = false;
    side.server.close();
    for (const connection of this.#connections) if (connection.cameBy(side.door)) connection.stop();
  }

  #clientSide(listener: GatewayListener): ClientSide {
    const door: Door = {
      listener,
      constants: constantsOf(listener),
      environ: this.#environ,
      workers: this.#workers,
      receivers: this.#chainFor(listener),
      deadlines: this.#deadlines,
      bodies: this.#bodies,
      counters: this.#counters,
      socketTimeoutMs: timeoutOf(listener, this.#plan),
      headTimeoutMs: headTimeoutOf(listener, this.#plan),
      keepAliveMs: this.#plan.keepAliveMs,
      limitPost: this.#plan.limitPost,
      log: this.#log,
      oddities: new Oddities(listener.name, { now: () => this.#deadlines.now, log: this.#log }),
      isStopping: () => this.#state !== 'serving' || !side.isOpen,
      closed: (connection) => this.#closed(connection),
      becomes: (before, after) => {
        this.#connections.delete(before);
        this.#connections.add(after);
      },
    };
    // Half open: a client may end its side and still wait for the response.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      if (this.#plan.tcpKeepAlive) socket.setKeepAlive(true);
      const connection = side.speech.serve(callerOn(socket, listener.option), door);
      this.#connections.add(connection);
      this.#room.take(connection, this.#slotConnections + this.#bodies.files, this.#deadlines.now);
    });
    const side: ClientSide = { listener, door, speech: speak(listener, this.#plan), server, isOpen: true };
    return side;
  }

  /** Those of requests that are for nobody else. */
  get #workers(): Destination {
    const { otherwise } = this.#plan.sites;
    return otherwise === undefined ? nobody : this.#dispatchers.of(otherwise);
  }

  #chainFor(listener: GatewayListener): ReceiverChain | undefined {
    const receivers = [...this.#tracing.receivers(this.#plan), ...receiversFor(this.#plan, listener, this.#receiverPorts)];
    return receivers.length === 0 ? undefined : new ReceiverChain(receivers, this.#workers);
  }

  #listen(server: Server, socket: ListenTarget, { name, backlog }: { name: string; backlog: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      // Without a descriptor it is tried again at once, and a log full of that would be the next trouble.
      const failures = new Oddities(name, { now: () => this.#deadlines.now, log: this.#log });
      server.on('error', (error) => {
        if (server.listening) failures.add(error.message);
        else reject(new Error(`cannot listen on ${name}: ${error.message}`, { cause: error }));
      });
      // Of a descriptor Node takes the backlog only as an argument of its own.
      server.listen(socket, backlog, resolve);
    });
  }

  #tick(): void {
    // The time of the tick before, so that no request is given up early.
    this.#dispatchers.checkTime(this.#lastTick);
    this.#lastTick = this.#deadlines.now;
    this.#room.tell(this.#lastTick);
    this.#bodyTrouble.tell();
    for (const { door } of this.#clients) door.oddities.tell();
    this.#regularReports.tell(this.#lastTick);
    if (this.#plan.number !== undefined) this.#askForSlots();
    if (this.#lastTick >= this.#stopBy) this.#cutOff();
  }

  /** Other gateways may have slots to spare. */
  #askForSlots(): void {
    for (const shortage of this.#dispatchers.shortagesAt(this.#lastTick)) this.#report({ type: 'short', ...shortage });
  }

  /** Takes no more clients and lets those in flight have their responses. */
  #stop(): void {
    if (this.#state !== 'serving') return;
    this.#state = 'stopping';
    this.#stopBy = this.#deadlines.after(this.#plan.mercyMs + LINGER_MS);
    // A whole turn of the event loop later, so that who has connected already is let in, and what is in the sockets is read first.
    setImmediate(() => setImmediate(() => this.#letNobodyIn()));
  }

  /** The workers' socket stays: one that replaces a dead one has requests to finish. */
  #letNobodyIn(): void {
    for (const { server } of this.#clients) server.close();
    for (const connection of this.#connections) connection.stop();
    this.#endIfDone();
  }

  #closed(connection: ClientConnection): void {
    this.#connections.delete(connection);
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#state === 'stopping' && this.#connections.size === 0) this.#end();
  }

  /** The workers have had their time, and what they answered as much again. */
  #cutOff(): void {
    this.#log(
      `[gateway] clients that had not taken their responses within worker-reload-mercy, and were cut off: ${this.#connections.size}`,
    );
    this.#end();
  }

  #end(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    for (const { server } of this.#clients) server.close();
    this.#slots.close();
    for (const connection of this.#connections) connection.destroy();
    this.#dispatchers.destroy();
    this.#deadlines.stop();
    this.#scoreboard.close();
    this.#sharedBodies.close();
    this.#tracing.end(() => this.#report({ type: 'stopped' }));
  }
}

function constantsOf({ protocol, option, serverName, serverPort, tls }: GatewayListener): readonly EnvironPair[] {
  if (protocol !== 'http') return [];
  const pairs: EnvironPair[] = [
    [marshalKey('SCRIPT_NAME'), ''],
    [marshalKey('SERVER_NAME'), serverName],
    [marshalKey('SERVER_PORT'), serverPort],
  ];
  if (isRouter(option)) pairs.push([marshalKey('UWSGI_ROUTER'), 'http']);
  if (tls !== undefined) pairs.push([marshalKey('HTTPS'), 'on']);
  return pairs;
}

function tickOf(settings: GatewaySettings): number {
  const { harakiriMs, httpHarakiriMs, queueTimeoutMs, socketTimeoutMs, headTimeoutMs, cgiTimeoutMs, keepAliveMs } = settings;
  return tickFor(harakiriMs, httpHarakiriMs, queueTimeoutMs, socketTimeoutMs, headTimeoutMs, cgiTimeoutMs, keepAliveMs);
}
