import { PlanError } from '../errors/plan.ts';
import { type Address, isPublic } from '../options/address.ts';
import type { OptionEntry } from '../options/entry.ts';
import { canonicalName } from '../options/names.ts';
import type { Options } from '../options/registry.ts';
import { planEnvironment, planLogFile, planProcess } from './build.ts';
import { isIdle } from './emperor-options.ts';
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
  /** Others than the users of this machine can read them there. */
  readonly areStatsPublic: boolean;
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
    areStatsPublic: options.emperorStats !== undefined && isPublic(options.emperorStats),
    name: options.emperorProcname,
    // No `master-as-root`: an emperor that is given a user becomes that user.
    process: { ...own, masterAsRoot: false, laterPidFiles: pidFile === undefined ? own.laterPidFiles : [...own.laterPidFiles, pidFile] },
    hooks: planHooks(options),
    log: { ...planLogFile(options, directory), writer: undefined },
    idleOptions: [...new Set(entries.filter(isIdle).map(({ name }) => canonicalName(name) ?? name))],
  };
}

/** uWSGI serves it beside its vassals. One vassal more is the same, and can be reloaded by itself. */
function refuseApplication(options: Options, directory: string): void {
  const sockets = planSockets(options, { directory, inheritedDescriptors: [] });
  const applications = planMounted({ ...options, needApp: false });
  if (sockets.length > 0 || applications.length > 0) throw PlanError.emperorWithApplication();
}

function named(option: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [option, value]);
}
