import { hostname } from 'node:os';
import type { LineBuffersLayout } from '../log/line-buffers.ts';
import type { GatewayListener, GatewayPlan } from '../plan/gateway-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { nameOf } from '../plan/process-names.ts';
import { protocolOf } from '../plan/socket-option.ts';
import type { SiteLaunch } from '../sites/site.ts';
import type { ScoreboardLayout } from '../stats/scoreboard.ts';
import type { SharedConfig } from '../wire/shared-config.ts';
import type { SpawnerConfig } from '../wire/spawner-config.ts';
import { shareOf } from './gateways.ts';
import type { OpenSocket } from './sockets.ts';

/** Descriptors of a spawner's direct sockets begin after its standard streams. */
const FIRST_DIRECT_DESCRIPTOR = 3;

/** Of which version they are, and where a spawner's workers find their requests and leave their figures. */
export interface SpawnerPlace {
  readonly version: string;
  readonly sockets: readonly OpenSocket[];
  /** Empty where there is no gateway. */
  readonly gatewayPaths: readonly string[];
  readonly scoreboard: ScoreboardLayout;
  readonly lineBuffers: LineBuffersLayout;
  /** What it shares with other generations. */
  readonly shared: SharedConfig;
}

/** Where a gateway finds its clients and its slots. */
export interface GatewayPlace {
  readonly sockets: readonly OpenSocket[];
  readonly slotsFd: number;
  readonly scoreboard: ScoreboardLayout;
  readonly lineBuffers: LineBuffersLayout;
  /** Which of so many gateways it is, from 0 on. */
  readonly index: number;
  readonly gateways: number;
}

/** What a spawner of a site is told. Its direct sockets are to be its descriptors 3, 4, … in the order of the plan. */
export function spawnerConfig(plan: Plan, { site, needApp }: SiteLaunch, place: SpawnerPlace): SpawnerConfig {
  const { application, workers } = plan;
  const { sockets, gatewayPaths, scoreboard, lineBuffers } = place;
  return {
    site: site.name,
    version: place.version,
    node: hostname(),
    applications: site.mounted,
    manageScriptName: application.manageScriptName,
    hasDefault: application.hasDefault,
    lazy: application.lazy,
    warmup: { requests: site.warmups, seconds: application.warmupSeconds },
    autoReload: application.autoReload,
    needApp,
    processes: workers.processes,
    threads: workers.threads,
    maxRequests: workers.maxRequests,
    maxRequestsDelta: workers.maxRequestsDelta,
    reloadOn: workers.reloadOn,
    limitAsBytes: workers.limitAsBytes,
    limitProcesses: workers.limitProcesses,
    pythonPath: application.pythonPath,
    ...application.surroundings,
    gatewaySockets: gatewayPaths,
    directSockets: directSockets(sockets).map(({ bound }, index) => ({ fd: FIRST_DIRECT_DESCRIPTOR + index, name: bound.name })),
    backlog: workers.backlog,
    bufferSize: workers.bufferSize,
    limitPost: workers.limitPost,
    maxVariables: workers.maxVariables,
    socketTimeoutSeconds: workers.socketTimeoutSeconds,
    tcpKeepAlive: workers.tcpKeepAlive,
    postBuffering: workers.postBuffering,
    logRequests: workers.logRequests,
    requestLog: workers.requestLog,
    requestLogApart: workers.requestLogApart,
    logAttribution: workers.logAttribution,
    exceptions: workers.exceptions,
    threadStackBytes: workers.threadStackBytes,
    headers: plan.headers,
    errorPages: plan.errorPages,
    orphanSeconds: workers.orphanMs / 1000,
    scoreboard: { path: scoreboard.path },
    lineBuffers: { path: lineBuffers.path },
    hooks: plan.hooks.python,
    names: plan.process.names ?? null,
    masterPid: plan.master ? process.pid : 0,
    options: application.written,
    magic: application.magic,
    harakiriMs: workers.harakiriMs,
    locks: application.locks,
    shared: place.shared,
    sentFolders: workers.sentFolders,
  };
}

/** What the gateway of this plan is told, with the descriptors of this process. */
export function gatewayPlan(plan: Plan, { sockets, slotsFd, scoreboard, lineBuffers, index, gateways }: GatewayPlace): GatewayPlan {
  const { path, slots } = lineBuffers;
  return {
    ...plan.gateway,
    ...shareOf(plan.gateway, gateways),
    number: gateways === 1 ? undefined : index + 1,
    processName: plan.process.names && nameOf(plan.process.names, `http ${index + 1}`),
    slotsFd,
    scoreboard,
    lineBuffers: { path, slots: slots + index },
    listeners: sockets.filter(({ plan: { door } }) => door === 'gateway').map(gatewayListener),
  };
}

/** How a gateway listens on a socket. */
export function gatewayListener({ plan: { option, proxyProtocol }, bound, renewal }: OpenSocket): GatewayListener {
  return {
    fd: bound.fd,
    name: bound.name,
    protocol: protocolOf(option),
    option,
    serverName: hostname(),
    serverPort: String(bound.port ?? 80),
    ...(renewal && { tls: renewal.credentials }),
    ...(proxyProtocol && { proxyProtocol }),
  };
}

export function directSockets(sockets: readonly OpenSocket[]): readonly OpenSocket[] {
  return sockets.filter(({ plan }) => plan.door === 'direct');
}
