/** Which options mean something to an emperor. */
import type { OptionEntry } from '../options/entry.ts';
import { findByName, optionOf } from '../options/names.ts';
import type { OptionName } from '../options/registry.ts';

/** Groups of options whose members an emperor follows all. */
const OWN = /^(emperor|vassals)(-|$)/;
const FOLLOWED = new Set<OptionName>(
  (
    'uid gid add-gid no-initgroups umask chdir logto logto2 log-truncate logfile-chmod logfile-chown logdate log-master daemonize daemonize2 ' +
    'pidfile pidfile2 safe-pidfile safe-pidfile2 vacuum die-on-term master auto-procname procname procname-master procname-prefix ' +
    'procname-prefix-spaced procname-append env unenv python strict no-orphans hook-asap exec-asap hook-pre-jail exec-pre-jail hook-in-jail ' +
    'exec-in-jail hook-as-root exec-as-root hook-as-user exec-as-user hook-as-user-atexit exec-as-user-atexit'
  ).split(' ') as OptionName[],
);
/** They have done what they do when the configuration was read. */
const READ = new Set('ini xml yaml json config include inherit inject-before inject-after show-config logger-list'.split(' '));

/** An option that does nothing for an emperor, though it does for a server. */
export function isIdle({ name }: Pick<OptionEntry, 'name'>): boolean {
  const known = findByName(name);
  if (known === undefined) return false;
  const { kind, support } = optionOf(known);
  return kind !== 'directive' && support !== 'accepted' && !OWN.test(known) && !FOLLOWED.has(known) && !READ.has(known);
}
