import { UnknownOptionError, UnsupportedOptionError } from '../errors/options.ts';
import type { OptionEntry } from '../options/entry.ts';
import type { Findings } from '../options/findings.ts';
import { type KnownOption, lookUp, suggestNames } from '../options/names.ts';

/** What decides whether a key that is no option is worth a word. */
export interface KeyRules {
  /** Every such key of a file is an error, as in uWSGI. */
  readonly isStrict: boolean;
  /** The keys whose values stand in for `%(key)` somewhere. */
  readonly placeholders: ReadonlySet<string>;
  /** The keys that were declared as placeholders, which strictness allows. */
  readonly declared: ReadonlySet<string>;
}

/** Finding the nearest of all names takes a millisecond or two, and a file with more mistakes is no config file. */
const MOST_SUGGESTIONS = 50;

interface Help {
  readonly isHelpful: boolean;
}

/** Tells of what was written in vain. uWSGI passes over names that it does not know in silence; here each is at least told. */
export function reportUnknownKeys(entries: readonly OptionEntry[], rules: KeyRules, findings: Findings): void {
  const unknown = new Set<string>();
  for (const entry of entries) {
    const option = lookUp(entry.name);
    if (option === undefined) {
      unknown.add(entry.name);
      reportUnknown(entry, { ...rules, isHelpful: unknown.size <= MOST_SUGGESTIONS }, findings);
    } else if (option.support === 'accepted') reportAccepted(entry, option, findings);
    else if (option.support === 'unsupported') reportUnsupported(entry, option, findings);
  }
}

function reportUnknown(entry: OptionEntry, { isStrict, placeholders, declared, isHelpful }: KeyRules & Help, findings: Findings): void {
  const { name, origin } = entry;
  if (isSplitWrongly(entry) || declared.has(name)) return;
  if (origin.kind === 'environment') reportUnknownVariable(name, origin, findings);
  else if (isStrict) findings.fail(new UnknownOptionError(name, origin, isHelpful ? suggestNames(name) : []));
  else if (!placeholders.has(name)) {
    const suggestions = (isHelpful ? suggestNames(name) : []).map((known) => `write "${known}"`);
    findings.warn({ rule: 'unknown-key', origin, option: name, message: `there is no option "${name}"; it is ignored`, suggestions });
  }
}

/** Reading the file has already told of a line with another sign in the place of `=`. */
function isSplitWrongly({ name, text }: OptionEntry): boolean {
  return text === '' && /[\uFF1D\uFE66\uA78A\uFF1A:]/.test(name);
}

/** Many variables that begin with UWSGI_ belong to other programs: only what is one letter away from an option is worth a word. */
function reportUnknownVariable(name: string, origin: OptionEntry['origin'], findings: Findings): void {
  const suggestions = suggestNames(name, 1).map((known) => `write UWSGI_${known.toUpperCase().replaceAll('-', '_')}`);
  if (suggestions.length > 0)
    findings.warn({ rule: 'unknown-key', origin, option: name, message: `there is no option "${name}"`, suggestions });
}

function reportAccepted({ name, origin }: OptionEntry, { note = '' }: KnownOption, findings: Findings): void {
  findings.warn({ rule: 'accepted-option', origin, option: name, message: `"${name}" has no effect here. ${note}` });
}

function reportUnsupported({ name, text, origin }: OptionEntry, option: KnownOption, findings: Findings): void {
  // What is turned off is not missed.
  if (option.kind === 'flag' && /^(0|false|no|off)$/i.test(text)) return;
  const instead = option.instead ?? 'leave it out';
  if (option.isRefused) findings.fail(new UnsupportedOptionError(name, origin, instead));
  else {
    const message = `"${name}" is an option of uWSGI that tsuwsgi does not have; it is ignored`;
    findings.warn({ rule: 'unsupported-option', origin, option: name, message, suggestions: [instead] });
  }
}
