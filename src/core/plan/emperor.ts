import { PlanError } from '../errors/plan.ts';
import type { Address } from '../options/address.ts';
import type { OptionEntry } from '../options/entry.ts';
import { findByName, optionOf } from '../options/names.ts';
import type { OptionName, Options } from '../options/registry.ts';
import { planEnvironment, planLog, planProcess } from './build.ts';
import { type HooksPlan, planHooks } from './hooks.ts';
import { planMounted } from './mounted.ts';
import type { LogPlan, ProcessPlan } from './plan.ts';
import { planSockets } from './sockets.ts';

/** Whom vassals run as: us, or the owner of each file, that of a symbolic link or of its target. */
export type Owners = 'same-user' | 'of-target' | 'of-link';

/** What an emperor does; plain data, nothing done yet. */
export interface EmperorPlan {
  /** Where vassals are looked for, as written. */
  readonly monitors: readonly string[];
  readonly intervalMs: number;
  /** With their dots: what is a vassal besides the formats of config files. */
  readonly moreExtensions: readonly string[];
  /** Changes of a symbolic link count, and not those of its target. */
  readonly watchesLinks: boolean;
  readonly owners: Owners;
  /** The words in front of and behind those that name a vassal's file. */
  readonly wordsBefore: readonly string[];
  readonly wordsAfter: readonly string[];
  /** The program of the vassals, where it is not this one. */
  readonly wrapper: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly throttle: ThrottlePlan;
  /** How long a vassal may take to stop. */
  readonly toleranceMs: number;
  readonly heartbeatMs: number;
  readonly statsAddress: Address | undefined;
  readonly name: string | undefined;
  readonly process: ProcessPlan;
  readonly hooks: HooksPlan;
  readonly log: LogPlan;
  /** Options that mean nothing to an emperor. */
  readonly idleOptions: readonly string[];
}

/** How vassals that die young are held back. */
export interface ThrottlePlan {
  readonly firstMs: number;
  readonly mostMs: number;
  /** Without it each pause is the first one again. */
  readonly grows: boolean;
}

/** Groups of options whose members an emperor follows all. */
const OWN = /^(emperor|vassals)(-|$)/;
const FOLLOWED = new Set<OptionName>(
  (
    'uid gid add-gid no-initgroups umask chdir logto logto2 log-truncate logfile-chmod logfile-chown daemonize daemonize2 pidfile pidfile2 ' +
    'safe-pidfile safe-pidfile2 vacuum die-on-term master auto-procname procname procname-master procname-prefix procname-prefix-spaced ' +
    'procname-append env unenv python strict no-orphans hook-asap exec-asap hook-pre-jail exec-pre-jail hook-in-jail exec-in-jail ' +
    'hook-as-root exec-as-root hook-as-user exec-as-user hook-as-user-atexit exec-as-user-atexit'
  ).split(' ') as OptionName[],
);
/** They have done what they do when the configuration was read. */
const READ = new Set<string>([
  'ini',
  'xml',
  'yaml',
  'json',
  'config',
  'include',
  'inherit',
  'inject-before',
  'inject-after',
  'show-config',
]);

/**
 * Options → what the emperor will do.
 *
 * @param entries all that was written
 * @param directory where the emperor was started
 * @throws PlanError when it is to serve an application itself, or cannot do what it is told as one user
 */
export function planEmperor(options: Options, entries: readonly OptionEntry[], directory: string): EmperorPlan {
  refuseApplication(options, directory);
  const isTyrant = options.emperorTyrant || options.emperorTyrantNofollow;
  if (isTyrant && (options.uid !== undefined || options.gid !== undefined)) throw PlanError.tyrantAsUser();
  const own = planProcess(options);
  const pidFile = options.emperorPidfile;
  return {
    monitors: options.emperor,
    intervalMs: options.emperorFreq * 1000,
    moreExtensions: options.emperorExtraExtension.map((extension) => (extension.startsWith('.') ? extension : `.${extension}`)),
    watchesLinks: options.emperorNofollow,
    owners: isTyrant ? (options.emperorTyrantNofollow ? 'of-link' : 'of-target') : 'same-user',
    wordsBefore: [
      ...named('--inherit', options.vassalsInheritBefore),
      ...named('--include', options.vassalsIncludeBefore),
      ...named('--set', options.vassalsSet),
    ],
    wordsAfter: [...named('--inherit', options.vassalsInherit), ...named('--include', options.vassalsInclude)],
    wrapper: options.emperorWrapper,
    environment: planEnvironment(entries),
    throttle: { firstMs: options.emperorThrottle, mostMs: options.emperorMaxThrottle, grows: !options.emperorNoBlacklist },
    toleranceMs: options.emperorCurseTolerance * 1000,
    heartbeatMs: options.emperorRequiredHeartbeat * 1000,
    statsAddress: options.emperorStats,
    name: options.emperorProcname,
    // No `master-as-root`: an emperor that is given a user becomes that user.
    process: { ...own, masterAsRoot: false, laterPidFiles: pidFile === undefined ? own.laterPidFiles : [...own.laterPidFiles, pidFile] },
    hooks: planHooks(options),
    log: planLog(options, directory),
    idleOptions: [...new Set(entries.map(({ name }) => findByName(name)).filter((name) => name !== undefined))].filter(isIdle),
  };
}

/** uWSGI serves it beside its vassals. One vassal more is the same, and can be reloaded by itself. */
function refuseApplication(options: Options, directory: string): void {
  const sockets = planSockets(options, { directory, inheritedDescriptors: [] });
  const applications = planMounted({ ...options, needApp: false });
  if (sockets.length > 0 || applications.length > 0) throw PlanError.emperorWithApplication();
}

function isIdle(name: OptionName): boolean {
  const { kind, support } = optionOf(name);
  return kind !== 'directive' && support !== 'accepted' && !OWN.test(name) && !FOLLOWED.has(name) && !READ.has(name);
}

function named(option: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [option, value]);
}
