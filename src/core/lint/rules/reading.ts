/** Files of which nothing useful can be read. */
import type { ConfigFile } from '../../config/load.ts';
import type { Rule } from '../rule.ts';

export const readingRules: readonly Rule[] = [
  {
    id: 'empty-config',
    severity: 'error',
    title: 'A file in which there is no option',
    why: 'An empty file, one that is no config file at all, or one without the section that is read. uWSGI starts with its defaults.',
    remedy: 'Write the options below `[uwsgi]` (`uwsgi:` in YAML, `<uwsgi>` in XML, `"uwsgi": {}` in JSON).',
    check: ({ isEmpty, files: [file] }) =>
      isEmpty && file !== undefined ? [{ message: 'no option was read from this file', suggestion: adviceFor(file) }] : [],
  },
];

function adviceFor({ path, section, document: { sections } }: ConfigFile): string {
  const others = sections.filter((name) => name !== section);
  if (others.length === 0) return `write its options in the section "${section}"`;
  // A comment or a blank behind the bracket, or other letters: uWSGI compares the whole line.
  if (others.some((name) => name.trim().toLowerCase().startsWith(section))) return `write "[${section}]" and nothing else on that line`;
  return `rename one of its sections to "${section}", or name it: ${others.map((name) => `${path}:${name}`).join(', ')}`;
}
