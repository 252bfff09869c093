import { resolve } from 'node:path';
import { PlanError } from '../errors/plan.ts';
import type { Options } from '../options/registry.ts';
import type { ApplicationSource } from '../wire/spawner-config.ts';
import { chooseInterpreter } from './interpreter.ts';
import type { ApplicationPlan, GatewaySettings, Plan, ProcessPlan, SocketOwner, SocketPlan, WorkersPlan } from './plan.ts';

/** What the plan takes from outside the options. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** Where the server was started. */
  readonly directory: string;
  /** Listening sockets that systemd passed on. */
  readonly inheritedDescriptors: readonly number[];
}

/** How long a worker may finish what it runs when it is to go: uWSGI's worker-reload-mercy. */
const MERCY_MS = 60_000;
/** As nginx keeps its clients. */
const KEEP_ALIVE_MS = 75_000;
/** Requests that may wait for a slot: more than any backlog, so that a burst waits here and not as a refusal. */
const QUEUE_LIMIT = 4096;

/**
 * Options → what will be done.
 *
 * @throws PlanError, InterpreterError, VirtualenvError when the options cannot be served together.
 */
export function buildPlan(options: Options, surroundings: Surroundings): Plan {
  const sockets = planSockets(options, surroundings.inheritedDescriptors);
  if (sockets.length === 0) throw PlanError.noSocket();
  return {
    master: options.master,
    sockets,
    socketOwner: planSocketOwner(options),
    statsAddress: options.stats,
    application: planApplication(options, surroundings),
    workers: planWorkers(options),
    gateway: planGateway(options),
    process: planProcess(options),
  };
}

function planSockets(options: Options, inherited: readonly number[]): readonly SocketPlan[] {
  const named: SocketPlan[] = [
    ...options.http.map((address): SocketPlan => ({ option: 'http', address, door: 'gateway' })),
    ...options.httpSocket.map((address): SocketPlan => ({ option: 'http-socket', address, door: 'gateway' })),
    ...options.socket.map((address): SocketPlan => ({ option: 'socket', address, door: 'direct' })),
  ];
  const taken = new Set(named.map(({ address }) => (address.kind === 'fd' ? address.fd : undefined)));
  // As in uWSGI, sockets from systemd that no option names speak the uwsgi protocol.
  const unnamed = inherited.filter((fd) => !taken.has(fd));
  return [
    ...named,
    ...unnamed.map((fd): SocketPlan => ({
      option: 'socket',
      address: { kind: 'fd', text: `fd://${fd}`, fd },

      door: 'direct',
    })),
  ];
}

/** With `uid`, uWSGI binds as that user, so its Unix sockets belong to it; we bind before we drop root and get there by chown. */
function planSocketOwner(options: Options): SocketOwner {
  const [user, group] = options.chownSocket?.split(':') ?? [options.uid, options.gid];
  return { mode: options.chmodSocket, user: emptyToUndefined(user), group: emptyToUndefined(group) };
}

function emptyToUndefined(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function planApplication(options: Options, { environment, directory }: Surroundings): ApplicationPlan {
  const { source, callable } = findApplication(options);
  if (source === undefined && options.needApp) throw PlanError.noApplication();
  return {
    source,
    callable,
    interpreter: chooseInterpreter({
      python: options.python,
      virtualenv: options.virtualenv,
      searchPath: environment['PATH'] ?? '',
      directory: resolve(directory, options.chdir ?? ''),
    }),
    pythonPath: options.pythonpath,
    lazy: options.lazyApps || options.lazy,
    needApp: options.needApp,
    environment: {
      ...Object.fromEntries(options.env.map(splitAssignment)),
      ...Object.fromEntries(options.unenv.map((name) => [name, undefined])),
    },
  };
}

function findApplication(options: Options): { source: ApplicationSource | undefined; callable: string | undefined } {
  if (options.module !== undefined) {
    const [name = '', callable] = options.module.split(':', 2);
    return { source: { kind: 'module', name }, callable: callable ?? options.callable };
  }
  if (options.wsgiFile !== undefined) return { source: { kind: 'file', path: options.wsgiFile }, callable: options.callable };
  return { source: undefined, callable: options.callable };
}

function splitAssignment(text: string): [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function planWorkers(options: Options): WorkersPlan {
  return {
    processes: options.processes,
    threads: options.threads,
    maxRequests: options.maxRequests,
    minLifetimeMs: options.minWorkerLifetime * 1000,
    limitAsBytes: options.limitAs * 1024 * 1024,
    harakiriMs: options.harakiri * 1000,
    mercyMs: MERCY_MS,
    backlog: options.listen,
    bufferSize: options.bufferSize,
    socketTimeoutSeconds: options.socketTimeout,
    logRequests: !options.disableLogging,
  };
}

function planGateway(options: Options): GatewaySettings {
  return {
    backlog: options.listen,
    bufferSize: options.bufferSize,
    harakiriMs: options.harakiri * 1000,
    socketTimeoutMs: options.httpTimeout * 1000,
    keepAliveMs: KEEP_ALIVE_MS,
    queueLimit: QUEUE_LIMIT,
    prefetch: options.prefetch,
  };
}

function planProcess(options: Options): ProcessPlan {
  return {
    user: options.uid,
    group: options.gid,
    umask: options.umask,
    directory: options.chdir,
    pidFile: options.pidfile,
    logFile: options.logto,
    daemonLogFile: options.daemonize,
    vacuum: options.vacuum,
    touchReload: options.touchReload,
    dieOnTerm: options.dieOnTerm,
  };
}
