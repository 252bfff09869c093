/** Everything that sets options, brought into one order and read. */
import type { Diagnostic } from '../errors/diagnostic.ts';
import { parseArgv } from '../options/argv.ts';
import type { OptionEntry } from '../options/entry.ts';
import { Findings } from '../options/findings.ts';
import { fold } from '../options/fold.ts';
import type { Options } from '../options/registry.ts';
import { environmentEntries } from './environment.ts';
import { ConfigFiles } from './files.ts';
import { warnOfPlaceholders } from './placeholders.ts';
import { parseBareWord } from './source.ts';
import { reportUnknownKeys } from './unknown.ts';

export interface LoadedOptions {
  readonly options: Options;
  readonly warnings: readonly Diagnostic[];
  /** What the options were made of, in the order in which it counts; names that are no option included. */
  readonly entries: readonly OptionEntry[];
}

/**
 * The options of a command line with the environment and the config files: first `UWSGI_*`, then the words from left to right with each
 * file in the place where it is named, then the files named without an option. Later ones win.
 *
 * @throws TsuwsgiError that tells everything that is wrong.
 */
export function loadOptions(words: readonly string[], environment: NodeJS.ProcessEnv): LoadedOptions {
  const findings = new Findings();
  const argv = parseArgv(words, findings);
  const files = new ConfigFiles(findings);
  const entries = [...environmentEntries(environment, findings), ...argv.entries, ...bareFiles(argv.bare, findings)].flatMap((entry) =>
    files.expand(entry),
  );
  const options = fold(entries, findings);
  reportUnknownKeys(entries, options.strict, findings);
  warnOfPlaceholders(entries, findings);
  findings.throwProblems();
  return { options, warnings: findings.warnings, entries };
}

/** `app.ini` is `--ini app.ini`, only later. */
function bareFiles(words: readonly string[], findings: Findings): OptionEntry[] {
  // Behind a mistyped option such a word is most likely its argument.
  if (!findings.isClean) return [];
  return words.flatMap((word) => {
    // uWSGI skips such words too: some supervisors add them to the title of a process.
    if (word.startsWith('[')) return [];
    const source = findings.attempt(() => parseBareWord(word));
    return source ? [{ name: 'ini', text: source.path, origin: { kind: 'argv', argument: word } }] : [];
  });
}
