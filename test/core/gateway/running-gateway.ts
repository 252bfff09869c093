import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { Gateway } from '../../../src/core/gateway/gateway.ts';
import { bind } from '../../../src/core/listen/bind.ts';
import type { GatewayListener, GatewayPlan, GatewayReport } from '../../../src/core/plan/gateway-plan.ts';
import { createLineBuffers } from '../../../src/core/log/line-buffers.ts';
import { createScoreboard, type ScoreboardLayout } from '../../../src/core/stats/scoreboard.ts';
import type { SlotName } from '../../../src/core/wire/messages.ts';
import { HttpConnection } from '../../helpers/http.ts';
import { eventually, within } from '../../helpers/eventually.ts';
import { onEnd, type Scope } from '../../helpers/scope.ts';
import { type SlotFigures, writeSlot } from '../../helpers/scoreboard.ts';
import { memoryDir, tempDir } from '../../helpers/temp.ts';
import { FakeSlot } from './fake-slot.ts';
import { NO_FILES } from './no-files.ts';
import { NO_ROUTING } from './no-routing.ts';
import { PLAIN_LINE } from '../../helpers/request-log.ts';

const SLOTS = 8;
const MEMORY = 256 * 1024;
const MEGABYTE = 1024 * 1024;

/** Bodies go to their workers as they come. */
export const UNBUFFERED = { bodyMemory: 0 } as const;
/** What slow clients have not read is kept in files. */
export const KEEPING = { responseKept: 64 * MEGABYTE, responsesKept: 64 * MEGABYTE } as const;

type Wanted = Partial<Omit<GatewayPlan, 'listeners' | 'slotsFd' | 'scoreboard' | 'lineBuffers'>> &
  Partial<Pick<GatewayListener, 'protocol' | 'option' | 'tls' | 'proxyProtocol'>> & {
    /** Workers read bodies in memory that they share with it. */
    readonly sharesBodies?: true;
  };

/** A gateway in this process, on a loopback port and on a Unix socket of its own. */
export class RunningGateway {
  readonly gateway: Gateway;
  readonly plan: GatewayPlan;
  readonly port: number;
  readonly path: string;
  readonly reports: GatewayReport[] = [];
  readonly lines: string[] = [];
  readonly stopped: Promise<void>;
  readonly #scope: Scope;
  readonly #slotsPath: string;
  readonly #scoreboard: ScoreboardLayout;
  #hear: (report: GatewayReport) => void = () => undefined;

  private constructor(scope: Scope, place: { plan: GatewayPlan; port: number; path: string; slotsPath: string }) {
    this.#scope = scope;
    this.plan = place.plan;
    this.port = place.port;
    this.path = place.path;
    this.#slotsPath = place.slotsPath;
    this.#scoreboard = place.plan.scoreboard;
    this.gateway = new Gateway(
      place.plan,
      (report) => {
        this.reports.push(report);
        this.#hear(report);
      },
      (line) => this.lines.push(line),
    );
    this.stopped = new Promise((resolve) => {
      this.#hear = (report) => {
        if (report.type === 'stopped') resolve();
      };
    });
    onEnd(scope, () => this.gateway.handle({ type: 'stop', how: 'now' }));
  }

  static async start(
    scope: Scope,
    { protocol = 'http', option = 'http', tls, proxyProtocol, sharesBodies, ...wanted }: Wanted = {},
  ): Promise<RunningGateway> {
    const dir = sharesBodies ? memoryDir(scope) : tempDir(scope);
    if (sharesBodies) mkdirSync(join(dir, 'bodies'));
    const scoreboard = { path: join(dir, 'scoreboard'), slots: SLOTS };
    createScoreboard(scoreboard);
    const lineBuffers = { path: join(dir, 'line-buffers'), slots: SLOTS, gateways: 1 };
    createLineBuffers(lineBuffers);
    const slotsPath = join(dir, 'gateway.sock');
    const path = join(dir, 'http.sock');
    const tcp = await bind({ kind: 'tcp', text: '127.0.0.1:0', host: '127.0.0.1', port: 0 });
    const unix = await bind({ kind: 'unix', text: path, path });
    const slots = await bind({ kind: 'unix', text: slotsPath, path: slotsPath });
    const listener = {
      protocol,
      option,
      serverName: 'box',
      serverPort: String(tcp.port),
      ...(tls && { tls }),
      ...(proxyProtocol && { proxyProtocol }),
    } as const;
    const plan: GatewayPlan = {
      number: undefined,
      listeners: [
        { ...listener, fd: tcp.fd, name: tcp.name },
        { ...listener, fd: unix.fd, name: path, serverPort: '80' },
      ],
      slotsFd: slots.fd,
      scoreboard,
      lineBuffers,
      backlog: 100,
      bufferSize: 8192,
      limitPost: 0,
      maxVariables: 0,
      harakiriMs: 0,
      httpHarakiriMs: 0,
      socketTimeoutMs: 5000,
      cgiTimeoutMs: 5000,
      headTimeoutMs: 5000,
      keepAliveMs: 5000,
      maxConnections: 0,
      tcpKeepAlive: false,
      bodyMemory: MEMORY,
      responseKept: 0,
      responsesKept: 0,
      mercyMs: 60_000,
      bodyDirectory: undefined,
      sites: { mounted: [], managesScriptName: false, ignoresScriptName: false, isDynamic: false, otherwise: '' },
      queueLimit: 100,
      queueTimeoutMs: 0,
      processName: undefined,
      prefetch: 1,
      logRequests: true,
      requestLog: PLAIN_LINE,
      requestLogApart: false,
      files: NO_FILES,
      tracing: undefined,
      ...NO_ROUTING,
      ...wanted,
    };
    const running = new RunningGateway(scope, { plan, port: tcp.port ?? 0, path, slotsPath });
    running.gateway.start();
    await eventually('the gateway is ready', () => running.reports.some(({ type }) => type === 'ready'));
    return running;
  }

  /** What a worker reads of a body that it was told to find in shared memory. */
  sharedBody(reference: Buffer): Buffer {
    const path = join(dirname(this.#slotsPath), 'bodies', reference.toString('latin1', 4));
    return readFileSync(path).subarray(0, reference.readUInt32LE(0));
  }

  /** A slot whose connection the gateway has taken in. */
  slot(name: Partial<SlotName> = {}): FakeSlot {
    const slot = new FakeSlot(this.#slotsPath, name);
    onEnd(this.#scope, () => slot.die());
    return slot;
  }

  /** @param tls what to speak TLS with, if it is spoken */
  async client(tls?: ConnectionOptions): Promise<HttpConnection> {
    const client = await HttpConnection.open({ host: '127.0.0.1', port: this.port }, tls);
    onEnd(this.#scope, () => client.close());
    return client;
  }

  async unixClient(): Promise<HttpConnection> {
    const client = await HttpConnection.open({ path: this.path });
    onEnd(this.#scope, () => client.close());
    return client;
  }

  /** What a worker writes down when it begins a request. */
  begin({ name }: FakeSlot, requestId: number, more: SlotFigures = {}): void {
    writeSlot(this.#scoreboard, name.seat + name.core, { state: 2, requestId, ...more });
  }

  /** All that clients sent before has been read: a later connection had its answer. */
  async gatewayHasRead(): Promise<void> {
    const client = await this.client();
    client.sendRaw('nothing\r\n\r\n', 'GET');
    await client.response();
    client.close();
  }

  /** It has told that so many requests wait, for all applications together; any number if none is named. */
  hasWaiting(number?: number): boolean {
    return this.reports.some((report) => {
      if (report.type !== 'queues') return false;
      const waiting = report.queues.reduce((sum, { length }) => sum + length, 0);
      return number === undefined ? waiting > 0 : waiting === number;
    });
  }

  hasStopped(): Promise<void> {
    return within(5000, 'the gateway stops', this.stopped);
  }
}
