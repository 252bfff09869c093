/** The reference page docs/lint.md, made from the rules. */
import { reportedRules } from './reported.ts';
import type { RuleText } from './rule.ts';
import { ruleGroups, unknownRule } from './rules.ts';

const HEAD = `<!-- Generated from src/core/lint by "npm run generate"; change the rules, not this page. -->

# What config validate finds

\`tsuwsgi config validate app.ini\` reads a config file as the server would and tells everything that is wrong with it or probably not meant:
\`file:line: error|warning: text (rule)\`. The rules are below; what keeps the server from starting is named after its code in
[errors.md](errors.md), \`invalid-value\` for TSU_INVALID_VALUE.

The exit status is 0 without errors, 1 with errors (with \`--strict\`, with warnings as well, except for options that have no effect), and 2 when a file cannot be read.

A comment on a line of its own silences rules for the option that follows:

\`\`\`ini
[uwsgi]
; tsuwsgi: ignore world-writable-socket
chmod-socket = 666
\`\`\`

Above the section's own line it does so for the whole file. Several rules are separated by commas. What keeps the server from starting cannot be silenced.
`;

/** The whole page. */
export function lintPage(): string {
  const groups = [
    ...ruleGroups,
    { title: 'What is found while reading', rules: reportedRules },
    { title: 'Comments for validate', rules: [unknownRule] },
  ];
  return [HEAD, ...groups.map(({ title, rules }) => section(title, rules))].join('\n');
}

function section(title: string, rules: readonly RuleText[]): string {
  return [`## ${title}`, '', ...rules.map(paragraph)].join('\n');
}

function paragraph({ id, severity, title, why, remedy }: RuleText): string {
  return `### ${id}\n\n_${severity === 'error' ? 'Error' : 'Warning'}._ **${title}.** ${why}\n\n${remedy}\n`;
}
