import { resolve } from 'node:path';
import { PlanError } from '../errors/plan.ts';
import type { ExceptionRules } from '../wire/spawner-config.ts';
import type { OptionEntry } from '../options/entry.ts';
import { splitPair } from '../options/pair.ts';
import type { Options } from '../options/registry.ts';
import type { GatewaySettings } from './gateway-plan.ts';
import { planDynamic } from './dynamic.ts';
import { planGateways } from './gateway-count.ts';
import { planFiles } from './files.ts';
import { type HooksPlan, planHooks } from './hooks.ts';
import { chooseInterpreter } from './interpreter.ts';
import { planLogWriter } from './log-writer.ts';
import { planNames } from './process-names.ts';
import { planAttribution, planRequestLog } from './request-log.ts';
import { planErrorPages, planHeaders, planRouting, routes } from './routing.ts';
import type { RoutingSettings } from './routing-settings.ts';
import { planSiteChoice, planSites } from './sites.ts';
import { planScaling } from './scaling.ts';
import { planPushing } from './pushing.ts';
import { planSharing } from './sharing.ts';
import { planSockets } from './sockets.ts';
import { planTracing } from './tracing.ts';
import type { ApplicationPlan, LogPlan, Plan, ProcessPlan, RecyclingPlan, SocketOwner, WorkersPlan } from './plan.ts';

/** What the plan takes from outside the options. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** Where the server was started. */
  readonly directory: string;
  /** Listening sockets that systemd passed on. */
  readonly inheritedDescriptors: readonly number[];
  /** What was written, entry by entry. */
  readonly entries: readonly OptionEntry[];
  /** uWSGI's magic variables, by letter. */
  readonly magic: Readonly<Record<string, string>>;
}

const KILOBYTE = 2 ** 10;
const MEGABYTE = 2 ** 20;
/** As nginx keeps its clients. */
const KEEP_ALIVE_MS = 75_000;
/** Short enough for nothing to be left after three seconds. */
const ORPHAN_MS = 2000;

/**
 * Options → what will be done.
 *
 * @throws PlanError, InterpreterError, VirtualenvError when the options cannot be served together.
 */
export function buildPlan(options: Options, surroundings: Surroundings): Plan {
  const routing = planRouting(options, surroundings.entries);
  const interpreter = planInterpreter(options, surroundings);
  const sites = planSites(options, interpreter);
  const dynamic = planDynamic(options, interpreter);
  const tracing = planTracing(options, surroundings.environment);
  // Requests that rules look at come by the gateway, and so do those of which the path says who answers, and those of which a span tells.
  const directSocket = options.directSocket && !routes(routing) && sites.length === 1 && dynamic === undefined && tracing === undefined;
  const sockets = planSockets({ ...options, directSocket }, surroundings);
  const hooks = planHooks(options);
  if (options.masterAsRoot) refuseAsUser(hooks);
  if (sockets.length === 0) throw PlanError.noSocket();
  if (options.statsToken !== undefined && !options.statsHttp) throw PlanError.tokenWithoutHttp();
  const directory = resolve(surroundings.directory, options.chdir ?? '');
  return {
    master: options.master,
    sockets,
    socketOwner: planSocketOwner(options),
    statsAddress: options.stats,
    statsProtocol: options.statsHttp ? 'http' : 'raw',
    statsForm: { isMinified: options.statsMinified, hasCores: !options.statsNoCores, hasMetrics: !options.statsNoMetrics },
    statsToken: options.statsToken,
    sites,
    dynamic,
    application: planApplication(options, surroundings),
    workers: planWorkers(options, directory),
    pushing: planPushing(options, directory, sockets[0]?.address.text ?? ''),
    sharing: planSharing(options, directory),
    headers: planHeaders(options),
    errorPages: planErrorPages(options),
    gateway: { ...planGateway(options, routing, directory), sites: planSiteChoice(sites, options), tracing },
    gateways: planGateways(options),
    process: planProcess(options),
    hooks,
    log: { ...planLogFile(options, surroundings.directory), writer: planLogWriter(options, surroundings.directory) },
  };
}

/** They would run as root. */
function refuseAsUser({ master }: HooksPlan): void {
  const [step] = [...master['as-user'], ...master['as-user-atexit']];
  if (step !== undefined) throw PlanError.asUserAsRoot(step.option);
}

/** With `uid`, uWSGI binds as that user, so its Unix sockets belong to it; we bind before we drop root and get there by chown. */
function planSocketOwner(options: Options): SocketOwner {
  const [user, group] = options.chownSocket?.split(':') ?? [options.uid, options.gid];
  return { mode: options.chmodSocket, user: emptyToUndefined(user), group: emptyToUndefined(group) };
}

function emptyToUndefined(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function planInterpreter({ python, pyProgramname, virtualenv, chdir = '' }: Options, { environment, directory }: Surroundings): string {
  return chooseInterpreter({
    python: python ?? pyProgramname,
    virtualenv,
    searchPath: environment['PATH'] ?? '',
    directory: resolve(directory, chdir),
    start: directory,
  });
}

function planApplication(options: Options, { entries, magic }: Surroundings): ApplicationPlan {
  return {
    manageScriptName: options.manageScriptName,
    hasDefault: !options.noDefaultApp,
    interpreterFlags: interpreterFlags(options),
    pythonPath: [...options.earlyPythonpath, ...options.pythonpath],
    surroundings: {
      executable: options.pyExecutable ?? null,
      arguments: splitWords(options.pyargv),
      aliases: options.pymoduleAlias.map(splitPair),
      sharedImports: options.sharedImport,
      imports: options.import,
      directoryAfter: options.chdir2 ?? null,
    },
    autoReload: { seconds: options.pyAutoreload, ignore: options.pyAutoReloadIgnore },
    lazy: options.lazyApps || options.lazy,
    warmupSeconds: options.warmupTimeout,
    needApp: options.needApp,
    locks: options.locks,
    environment: planEnvironment(entries),
    written: entries.map(({ name, text, isBare }) => [name, isBare ? true : text]),
    magic,
  };
}

function interpreterFlags({ noSite, optimize }: Options): readonly string[] {
  return [...(noSite ? ['-S'] : []), ...(optimize > 0 ? [optimize > 1 ? '-OO' : '-O'] : [])];
}

/** What `env` and `unenv` make of the environment, in the order in which they are written: the last word on a variable counts. Undefined takes it away. */
export function planEnvironment(entries: readonly OptionEntry[]): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(entries.flatMap(environmentChange));
}

function environmentChange({ name, text }: OptionEntry): [string, string | undefined][] {
  if (name === 'env') return [splitPair(text)];
  return name === 'unenv' ? [[text, undefined]] : [];
}

/** As uWSGI splits it: at blanks, and nothing is quoted. */
function splitWords(text = ''): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** @param directory where the server does its work */
function planWorkers(options: Options, directory: string): WorkersPlan {
  return {
    processes: options.processes,
    scaling: planScaling(options),
    idle: { startsAsleep: options.cheap, afterMs: options.idle * 1000, then: options.dieOnIdle ? 'stop-gracefully' : 'go-cheap' },
    threads: options.threads,
    maxRequests: options.maxRequests,
    maxRequestsDelta: options.maxRequestsDelta,
    minLifetimeMs: options.minWorkerLifetime * 1000,
    recycling: planRecycling(options),
    reloadOn: { rss: options.reloadOnRss * MEGABYTE, as: options.reloadOnAs * MEGABYTE },
    limitAsBytes: options.limitAs * MEGABYTE,
    limitProcesses: options.limitNproc,
    harakiriMs: options.harakiri * 1000,
    slowMs: options.slowRequest * 1000,
    orphanMs: options.noOrphans ? 0 : ORPHAN_MS,
    mercyMs: mercyMs(options),
    backlog: options.listen,
    bufferSize: options.bufferSize,
    limitPost: options.limitPost,
    maxVariables: maxVariables(options),
    socketTimeoutSeconds: options.socketTimeout,
    tcpKeepAlive: options.soKeepalive,
    postBuffering: { threshold: options.postBuffering, blockSize: options.postBufferingBufsize },
    logRequests: !options.disableLogging,
    requestLog: planRequestLog(options),
    requestLogApart: options.reqLogger.length > 0,
    logAttribution: planAttribution(options),
    exceptions: planExceptions(options),
    threadStackBytes: options.threadStacksize * KILOBYTE,
    sentFolders: options.xSendfile.map((folder) => resolve(directory, folder)),
  };
}

function planExceptions(options: Options): ExceptionRules {
  return {
    areShown: options.catchExceptions,
    reload: {
      any: options.reloadOnException,
      types: options.reloadOnExceptionType,
      values: options.reloadOnExceptionValue,
      reprs: options.reloadOnExceptionRepr,
    },
  };
}

/** So many are served by uWSGI, too. */
function maxVariables({ maxVars }: Options): number {
  return 2 * maxVars;
}

function planRecycling(options: Options): RecyclingPlan {
  const { minWorkerLifetime: min, maxWorkerLifetime: max } = options;
  if (max > 0 && min >= max) throw PlanError.lifetimesCross(min, max);
  return {
    maxLifetimeMs: max * 1000,
    maxLifetimeDeltaMs: options.maxWorkerLifetimeDelta * 1000,
    evil: { rss: options.evilReloadOnRss * MEGABYTE, as: options.evilReloadOnAs * MEGABYTE },
  };
}

/** How long one that has been told to leave may take. */
function mercyMs({ workerReloadMercy, reloadMercy }: Options): number {
  return Math.min(workerReloadMercy, reloadMercy || Infinity) * 1000;
}

/** @param directory where the server does its work */
function planGateway(options: Options, routing: RoutingSettings, directory: string): Omit<GatewaySettings, 'sites' | 'tracing'> {
  return {
    backlog: options.listen,
    bufferSize: options.bufferSize,
    limitPost: options.limitPost,
    maxVariables: maxVariables(options),
    harakiriMs: options.harakiri * 1000,
    httpHarakiriMs: options.httpHarakiri * 1000,
    socketTimeoutMs: options.httpTimeout * 1000,
    cgiTimeoutMs: options.socketTimeout * 1000,
    headTimeoutMs: (options.httpHeadersTimeout || options.httpTimeout) * 1000,
    keepAliveMs: options.httpKeepalive > 1 ? options.httpKeepalive * 1000 : KEEP_ALIVE_MS,
    mercyMs: mercyMs(options),
    maxConnections: options.maxConnections,
    tcpKeepAlive: options.soKeepalive,
    bodyMemory: options.requestBuffering ? options.httpPostBuffering : 0,
    responseKept: options.responseBuffering,
    responsesKept: options.responseBufferingTotal,
    bodyDirectory: options.httpPostBufferingDir,
    queueLimit: options.queueLimit,
    queueTimeoutMs: options.queueTimeout * 1000,
    prefetch: options.prefetch,
    logRequests: !options.disableLogging,
    requestLog: planRequestLog(options),
    requestLogApart: options.reqLogger.length > 0,
    files: planFiles(options, directory),
    routing,
    headers: planHeaders(options),
    errorPages: planErrorPages(options),
  };
}

/** What the server's own process needs, an emperor's as well. */
export function planProcess(options: Options): ProcessPlan {
  return {
    user: options.uid,
    group: options.gid,
    // Without a master it is this process that reads what clients send.
    masterAsRoot: options.masterAsRoot && options.master,
    umask: options.umask,
    directory: options.chdir,
    pidFile: options.pidfile,
    laterPidFiles: [options.pidfile2, options.safePidfile, options.safePidfile2].filter((path) => path !== undefined),
    daemonize: daemonLogFile(options) !== undefined,
    moreGroups: options.addGid,
    initGroups: !options.noInitgroups,
    names: planNames(options),
    vacuum: options.vacuum,
    touchReload: [...options.touchReload, ...options.touchWorkersReload],
    touchChainReload: options.touchChainReload,
    masterFifo: options.masterFifo,
    dieOnTerm: options.dieOnTerm,
    drainMs: options.drainDelay * 1000,
  };
}

/** The server answers before `daemonize` detaches it, so there is nothing left for `daemonize2` to do later. */
function daemonLogFile(options: Options): string | undefined {
  return options.daemonize ?? options.daemonize2;
}

/** All of its files are seen from where the server was started, which is where the first of them is opened. */
export function planLogFile(options: Options, directory: string): Omit<LogPlan, 'writer'> {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(directory, path));
  return {
    file: absolute(daemonLogFile(options) ?? options.logto),
    laterFile: absolute(options.logto2),
    truncate: options.logTruncate,
    mode: options.logfileChmod,
    givenAway: options.logfileChown,
    maxBytes: options.logMaxsize,
    backupName: absolute(options.logBackupname),
    touchRotate: options.touchLogrotate,
    touchReopen: options.touchLogreopen,
    reopenAtReload: options.logReopen,
    dates: { form: emptyToUndefined(options.logdate), onEveryLine: options.logMaster && options.logdate !== undefined },
  };
}
