/** Everything that can be said about a configuration: what reading it found, and what the rules find, in the order of the files. */
import type { ConfigReading } from '../config/load.ts';
import type { Diagnostic } from '../errors/diagnostic.ts';
import type { Origin } from '../errors/error.ts';
import { nearest } from '../errors/nearest.ts';
import { Configuration } from './configuration.ts';
import type { Finding } from './finding.ts';
import type { RuleText } from './rule.ts';
import { rules, ruleTexts, unknownRule } from './rules.ts';
import { isSilenced, type Silence, silencesOf } from './silence.ts';
import type { LintSurroundings } from './surroundings.ts';

/** What can be silenced. An error that keeps the server from starting has no rule of its own. */
const knownRules: ReadonlySet<string> = new Set(ruleTexts.map(({ id }) => id));

/** What was found and not silenced, sorted by file and line. */
export function lint(reading: ConfigReading, surroundings: LintSurroundings): readonly Diagnostic[] {
  const silences = reading.files.flatMap(silencesOf);
  const all = [...reading.diagnostics.filter(isNews), ...findings(reading, surroundings), ...silences.flatMap(unknownNames)];
  const spoken = all.filter((diagnostic) => !(knownRules.has(diagnostic.rule) && isSilenced(diagnostic, silences)));
  return inOrder(
    spoken,
    reading.files.map(({ path }) => path),
  );
}

/** Of the file that was named, the rule empty-config says it better. */
function isNews({ rule, origin }: Diagnostic): boolean {
  return rule !== 'missing-section' || origin.kind === 'file';
}

function findings(reading: ConfigReading, surroundings: LintSurroundings): readonly Diagnostic[] {
  const [main] = reading.files;
  // A file that could not be read has that one fault, and no others.
  if (main === undefined) return [];
  const configuration = new Configuration(reading, surroundings);
  const top: Origin = { kind: 'file', path: main.path, line: 1 };
  return rules.flatMap((rule) => rule.check(configuration).map((finding) => diagnose(rule, finding, top)));
}

function diagnose({ id, severity }: RuleText, { message, origin, option, suggestion }: Finding, top: Origin): Diagnostic {
  return {
    severity,
    rule: id,
    origin: origin ?? top,
    message,
    ...(option !== undefined && { option }),
    suggestions: suggestion === undefined ? [] : [suggestion],
  };
}

function unknownNames({ path, line, rules: names }: Silence): Diagnostic[] {
  const origin: Origin = { kind: 'file', path, line };
  return names
    .filter((name) => !knownRules.has(name))
    .map((name) => ({
      severity: unknownRule.severity,
      rule: unknownRule.id,
      origin,
      message: `there is no rule "${name}" to ignore`,
      suggestions: nearest(name, knownRules).map((rule) => `write "${rule}"`),
    }));
}

/** Files as they were read, lines as they stand; what has no line comes first. */
function inOrder(diagnostics: readonly Diagnostic[], paths: readonly string[]): readonly Diagnostic[] {
  const place = ({ origin }: Diagnostic): [number, number] =>
    origin.kind === 'file' ? [paths.indexOf(origin.path), origin.line] : [-1, 0];
  return [...diagnostics].sort((one, other) => {
    const [[file, line], [otherFile, otherLine]] = [place(one), place(other)];
    return file - otherFile || line - otherLine;
  });
}
