import type { Options } from '../options/registry.ts';

/** How ps and top are told what the processes are. */
export interface ProcessNames {
  /** For all processes, in place of what they are. */
  readonly name: string | undefined;
  /** For the master, in place of that. */
  readonly master: string | undefined;
  readonly prefix: string;
  readonly suffix: string;
}

/** Undefined leaves the processes their command lines. */
export function planNames(options: Options): ProcessNames | undefined {
  const { autoProcname, procname, procnameMaster, procnamePrefix, procnamePrefixSpaced, procnameAppend } = options;
  const prefix = procnamePrefixSpaced === undefined ? procnamePrefix : `${procnamePrefixSpaced} `;
  const isWanted = autoProcname || [procname, procnameMaster, prefix, procnameAppend].some((text) => text !== undefined);
  return isWanted ? { name: procname, master: procnameMaster, prefix: prefix ?? '', suffix: procnameAppend ?? '' } : undefined;
}

/** The name of one process, in uWSGI's words. The twin for the Python processes is python/tsuwsgi/procname.py. */
export function nameOf({ name, master, prefix, suffix }: ProcessNames, role: 'master' | `http ${number}` | 'Emperor'): string {
  const own = role === 'master' ? master : undefined;
  return `${prefix}${own ?? name ?? `uWSGI ${role}`}${suffix}`;
}
