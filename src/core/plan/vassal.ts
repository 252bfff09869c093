import type { OptionEntry } from '../options/entry.ts';
import { findByName } from '../options/names.ts';
import type { Options } from '../options/registry.ts';

/**
 * The options of a server below an emperor, as uWSGI changes them: it has a master, and stays where the emperor can see it, so that
 * `daemonize` only says where its log is. Whom it runs as is the emperor's matter where that has given root up for it. Unlike there
 * `master = false` can be said: the emperor looks after it then.
 */
export function asVassal(options: Options, entries: readonly OptionEntry[], { isRoot }: { readonly isRoot: boolean }): Options {
  const isNamed = entries.some(({ name }) => findByName(name) === 'master');
  return {
    ...options,
    master: isNamed ? options.master : true,
    logto: options.daemonize ?? options.daemonize2 ?? options.logto,
    daemonize: undefined,
    daemonize2: undefined,
    uid: isRoot ? options.uid : undefined,
    gid: isRoot ? options.gid : undefined,
  };
}
