/** The engine as a library: what the commands call, and what another program may. Knows no command-line framework. */
import { closeSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fallbackFile, printedLines, requestedExit } from './config/effects.ts';
import { type LoadedOptions, loadOptions, readConfig } from './config/load.ts';
import { warningLines } from './config/warnings.ts';
import { DaemonError } from './errors/daemon.ts';
import type { Diagnostic } from './errors/diagnostic.ts';
import { TsuwsgiError } from './errors/error.ts';
import { socketsFromSystemd } from './listen/inherit.ts';
import { LogFile } from './log/log-file.ts';
import { isDaemon, reportToStarter, startDaemon } from './master/daemonize.ts';
import { type EmperorLink, emperorLink } from './master/emperor-link.ts';
import type { StartGateway } from './master/gateway-link.ts';
import { NotifySocket, requestFromSystemd, type SystemdRequest } from './master/notify-socket.ts';
import { HookRunner } from './master/hooks.ts';
import type { LogWriter } from './master/log-writer.ts';
import type { MasterSettings } from './master/master.ts';
import type { Resources } from './master/resources.ts';
import { passOn, pidFileOrder } from './operate/pid-file-order.ts';
import type { Options } from './options/registry.ts';
import { buildPlan } from './plan/build.ts';
import { chooseInterpreter } from './plan/interpreter.ts';
import type { LogPlan, Plan } from './plan/plan.ts';
import { asVassal } from './plan/vassal.ts';
import { version } from './util/version.ts';

export { TsuwsgiError } from './errors/error.ts';

export interface ServeContext {
  readonly environment: NodeJS.ProcessEnv;
  /** The program and script that this process was started with; started again to become a daemon. */
  readonly executable: readonly string[];
  /** Shows the user that something is being waited for. */
  readonly showWhile: <Result>(text: string, awaited: Promise<Result>) => Promise<Result>;
  /** Puts colours into the server's own lines; undefined where standard error is no terminal, or they are not wanted. */
  readonly paint: ((line: string) => string) | undefined;
}

/** With what was found in the environment and is no longer there. */
interface ServeSurroundings extends ServeContext {
  readonly systemd: SystemdRequest | undefined;
  /** Of a server that is an emperor's vassal. */
  readonly emperor: EmperorLink | undefined;
}

type ServerParts = typeof import('./server-parts.ts');

/** From dist/core or src/core alike, the package is two folders up. */
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const PYTHON_RUNTIME = resolve(PACKAGE, 'python/tsuwsgi/__main__.py');
/** Nothing of the application's runs in a process that is not its own. */
const ISOLATED = ['-I', '-S'];
const LOG_WRITER = resolve(PACKAGE, 'python/tsuwsgi/logwriter');
const NOTIFIER = resolve(PACKAGE, 'python/tsuwsgi/notify.py');
/** Made by the build (scripts/bundle-server.js). */
const GATEWAY_ENTRY = fileURLToPath(new URL('gateway/main.cjs', import.meta.url));

/**
 * Serves what a uWSGI command line asks for, until the server is told to stop.
 *
 * @param words the command line without the program's name, as the shell gave it
 * @returns the exit status of the process
 * @throws TsuwsgiError when the server cannot come up
 */
export function serve(words: readonly string[], context: ServeContext): Promise<number> {
  const { environment } = context;
  return serveOrFallBack(words, {
    ...context,
    systemd: requestFromSystemd(environment, process.pid),
    emperor: emperorLink(environment),
  });
}

async function serveOrFallBack(words: readonly string[], context: ServeSurroundings): Promise<number> {
  try {
    return await serveOnce(words, context);
  } catch (error) {
    // As in uWSGI: only for the ordinary status of a start that failed, and never for ever.
    if (!(error instanceof TsuwsgiError) || error.exitStatus !== 1) throw error;
    const fallback = fallbackFile(readConfig(words, context.environment).entries);
    if (fallback === undefined || words.includes(fallback)) throw error;
    process.stderr.write(`${error.message}\nstarting with ${fallback} instead\n`);
    return serveOrFallBack([fallback], context);
  }
}

async function serveOnce(words: readonly string[], context: ServeSurroundings): Promise<number> {
  const isBackground = isDaemon(context.environment);
  const load = (isReload: boolean): LoadedOptions => loadAsVassal(words, context, isReload);
  const loaded = load(false);
  const { entries, options } = loaded;
  if (!isBackground) for (const line of printedLines(entries)) process.stdout.write(`${line}\n`);
  const order = pidFileOrder(entries);
  if (order !== undefined) {
    await passOn(order);
    return 0;
  }
  const exit = requestedExit(entries);
  if (exit !== undefined) return exit;
  const role = options.emperor.length > 0 ? await emperorOf(loaded, context) : serverOf(loaded, context, load);
  const { plan } = role;
  if (plan.process.daemonize && !isBackground) return goToBackground(words, context, plan.log);
  return runAs(role, { context, loaded, logFile: firstLog(plan.log, isBackground, context.paint) });
}

/** The options of a command line. An emperor has decided some of them for its vassals. */
function loadAsVassal(words: readonly string[], { environment, emperor }: ServeSurroundings, isReload: boolean): LoadedOptions {
  const loaded = loadOptions(words, environment, isReload);
  if (emperor === undefined) return loaded;
  return { ...loaded, options: asVassal(loaded.options, loaded.entries, { isRoot: process.getuid?.() === 0 }) };
}

/** What the options make of this process: a server, or an emperor. */
interface Role {
  readonly plan: Pick<Plan, 'process' | 'log'>;
  /** Of its hooks, besides those of the process. */
  readonly variables: Plan['application']['environment'];
  /** Runs until it is told to stop. Returns the exit status. */
  readonly run: (tools: Tools) => Promise<number>;
}

interface Tools {
  readonly logFile: LogFile;
  readonly hooks: HookRunner;
  /** To be called once it is up. */
  readonly onReady: () => void;
}

/** From the first line of the log to the end. */
async function runAs(
  role: Role,
  { context, loaded, logFile }: { context: ServeSurroundings; loaded: LoadedOptions; logFile: LogFile },
): Promise<number> {
  const { environment, emperor } = context;
  warn(logFile, loaded);
  const hooks = new HookRunner({ log: logFile.log, output: logFile, environment, variables: role.variables });
  const onReady = (): void => {
    emperor?.ready(loaded.options.heartbeat);
    void reportToStarter({ type: 'ready' });
  };
  try {
    return await role.run({ logFile, hooks, onReady });
  } catch (error) {
    if (error instanceof TsuwsgiError) await reportToStarter({ type: 'failed', message: error.message, status: error.exitStatus });
    throw error;
  }
}

function warn({ log }: LogFile, { warnings }: LoadedOptions): void {
  for (const line of warningLines(warnings)) log.line(line);
}

function serverOf(loaded: LoadedOptions, context: ServeSurroundings, load: (isReload: boolean) => LoadedOptions): Role {
  const { environment, emperor } = context;
  const start = { environment, directory: process.cwd(), inheritedDescriptors: socketsFromSystemd(environment, process.pid) };
  const build = ({ options, entries, magicTable }: LoadedOptions): Plan => buildPlan(options, { ...start, entries, magic: magicTable() });
  const plan = planOrExplain(() => build(loaded), loaded.warnings);
  const run = async ({ logFile, hooks, onReady }: Tools): Promise<number> => {
    // An emperor needs none of these and stays small without them.
    const { GatewayProcess, LocalGateway, LogWriter, Master, takeResources } = await import('./server-parts.ts');
    const resources = await takeResources(plan, logFile, hooks);
    const logWriter = await openLogWriter({ LogWriter }, plan, { resources, logFile });
    const master = new Master({
      version: version(),
      plan,
      replan: () => {
        const next = load(true);
        warn(logFile, next);
        return build(next);
      },
      resources,
      hooks,
      log: logFile.log,
      logFile,
      logWriter,
      environment,
      runtime: PYTHON_RUNTIME,
      startGateway: gatewayStarter({ GatewayProcess, LocalGateway }, plan, logFile),
      systemd: systemdOf(context, plan.sites[0]?.interpreter, { output: logFile, prefix: resources.children.prefix }),
      emperor,
      onReady,
    });
    try {
      return await master.run();
    } finally {
      await logWriter.close();
    }
  };
  return { plan, variables: plan.application.environment, run };
}

/** With the loggers of the plan at work, if it has any. What was taken is given back when they do not come up. */
async function openLogWriter(
  { LogWriter }: Pick<ServerParts, 'LogWriter'>,
  plan: Plan,
  { resources: { directory, children }, logFile }: { resources: Resources; logFile: LogFile },
): Promise<LogWriter> {
  const interpreter = plan.sites[0]?.interpreter ?? '';
  const logWriter = new LogWriter({
    command: [...children.prefix, interpreter, ...ISOLATED, LOG_WRITER],
    directory: directory.path,
    share: children.share,
    logFile,
  });
  try {
    await (await logWriter.prepare(plan)).commit();
  } catch (error) {
    directory.remove();
    throw error;
  }
  return logWriter;
}

async function emperorOf({ options, entries }: LoadedOptions, context: ServeSurroundings): Promise<Role> {
  const { environment, executable, systemd, emperor } = context;
  const { planEmperor } = await import('./plan/emperor.ts');
  const plan = planEmperor(options, entries, process.cwd());
  const run = async (tools: Tools): Promise<number> => {
    const { runEmperor } = await import('./emperor/run.ts');
    return runEmperor(plan, {
      ...tools,
      version: version(),
      executable,
      environment,
      systemd: systemd && systemdOf(context, interpreterOf(options, environment), { output: tools.logFile, prefix: [] }),
      emperor,
    });
  };
  return { plan, variables: plan.environment, run };
}

/** An emperor runs no Python of its own, but for systemd's sake. */
function interpreterOf({ python }: Options, { PATH: searchPath = '' }: NodeJS.ProcessEnv): string {
  const directory = process.cwd();
  return chooseInterpreter({ python, virtualenv: undefined, searchPath, directory, start: directory });
}

/** Where no plan comes of the options, the warnings often tell why: a section that was not found, a key that is no option. */
function planOrExplain(build: () => Plan, warnings: readonly Diagnostic[]): Plan {
  try {
    return build();
  } catch (error) {
    for (const line of warningLines(warnings)) process.stderr.write(`${line}\n`);
    throw error;
  }
}

/** How systemd is told, where it wants to be. */
function systemdOf(
  { systemd }: ServeSurroundings,
  interpreter: string | undefined,
  { output, prefix }: { output: LogFile; prefix: readonly string[] },
): MasterSettings['systemd'] {
  if (systemd === undefined || interpreter === undefined) return undefined;
  const command = [...prefix, interpreter, ...ISOLATED, NOTIFIER, systemd.socket];
  return { socket: new NotifySocket(command, output), watchdogMs: systemd.watchdogMs };
}

async function goToBackground(words: readonly string[], context: ServeSurroundings, log: LogPlan): Promise<number> {
  const { file = '', laterFile = file } = log;
  const { fd: logFd } = firstLog(log, false, undefined);
  const { executable, showWhile, systemd } = context;
  const environment = { ...context.environment, ...systemd?.variables };
  const started = startDaemon({ executable, environment, words, logFd }).then((report) => {
    if (report.type === 'failed') throw new DaemonError(report.message, report.status, file);
  });
  await showWhile(`starting in the background, log in ${laterFile}`, started);
  closeSync(logFd);
  return 0;
}

/** The log until root is given up. A daemon has the file as its output already. */
function firstLog(plan: LogPlan, isBackground: boolean, paint: ServeContext['paint']): LogFile {
  const log = new LogFile(plan, paint);
  if (plan.file === undefined) return log;
  if (isBackground) log.inherit(plan.file);
  else log.open(plan.file);
  return log;
}

/** With a master the gateway is a process of its own; without one, it runs in the only Node process there is. */
function gatewayStarter(
  { GatewayProcess, LocalGateway }: Pick<ServerParts, 'GatewayProcess' | 'LocalGateway'>,
  plan: Plan,
  output: LogFile,
): StartGateway {
  const { log } = output;
  if (plan.master) return (gatewayPlan, { prefix }) => new GatewayProcess(GATEWAY_ENTRY, gatewayPlan, { log, output, prefix });
  return (gatewayPlan) => new LocalGateway(gatewayPlan, log);
}
