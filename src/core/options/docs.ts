/** The reference page docs/options.md, made from the registry and the catalog. */
import type { Table, Topic } from './catalog.ts';
import { type KnownOption, namesOf, otherOptions, ownOptions } from './names.ts';
import { groups } from './registry.ts';

const HEAD = `<!-- Generated from src/core/options by "npm run generate"; change the declarations, not this page. -->

# Options

Each option can be given on the command line (\`--processes 4\`, \`--processes=4\`, \`-p 4\`, \`-p4\`), in a config file
(\`processes = 4\` under \`[uwsgi]\`) and in the environment (\`UWSGI_PROCESSES=4\`). They are read in this order: the environment,
the command line from left to right, then the config files named without an option. The last value wins; options marked
*repeatable* add up. An argument in brackets is optional and must be attached: \`-C660\`, \`--chmod-socket=660\`.
`;

const CATALOG = `## Options of uWSGI that tsuwsgi does not have

They are known, so that none is taken for a mistyped one, and passed over with a warning. The server does not start with those marked
**error**: without them a door would stand open, or what was asked for not be there. What is marked _no effect_ needs nothing here.
`;

/** The whole page. */
export function optionsPage(): string {
  return [HEAD, ...groups.map(({ title }) => section(title)), CATALOG, ...otherOptions().map(topicSection)].join('\n');
}

function section(title: string): string {
  const options = ownOptions().filter(({ group }) => group === title);
  return [`## ${title}`, '', ...options.map(paragraph)].join('\n');
}

function paragraph(option: KnownOption): string {
  const facts = [defaultOf(option), ...traits(option)].filter((fact) => fact !== '');
  const sentences = [`${capital(option.help ?? '')}.`, option.note ?? '', facts.length === 0 ? '' : `*${capital(facts.join('; '))}.*`];
  return `### ${option.name}\n\n${spellings(option)}\n\n${sentences.filter((sentence) => sentence !== '').join(' ')}\n`;
}

/** `-p`, `--processes N`, `--workers N` */
function spellings(option: KnownOption): string {
  const letters = option.short === undefined ? [] : [`-${option.short}${argumentAfter(option, ' ', '')}`];
  const names = namesOf(option).map((one) => `--${one}${argumentAfter(option, ' ', '=')}`);
  return [...letters, ...names].map((spelling) => `\`${spelling}\``).join(', ');
}

function argumentAfter({ arity, metavar }: KnownOption, required: string, optional: string): string {
  if (arity === 'none') return '';
  return arity === 'required' ? `${required}${metavar}` : `[${optional}${metavar}]`;
}

function traits(option: KnownOption): string[] {
  const known: readonly (readonly [boolean, string])[] = [
    [option.isRepeatable && option.arity !== 'none', 'repeatable'],
    [option.impliesMaster, 'turns the master on'],
    [option.isExtension, 'not in uWSGI'],
    [option.needs.length > 0, `needs ${option.needs.map((name) => `\`${name}\``).join(' or ')}`],
    [option.overruledBy !== undefined, `no effect beside \`${option.overruledBy ?? ''}\``],
    [option.support === 'accepted', 'accepted without effect'],
  ];
  return known.filter(([applies]) => applies).map(([, text]) => text);
}

function defaultOf(option: KnownOption): string {
  if (option.default === true) return 'on by default';
  return typeof option.default === 'number' ? `default: ${option.default}` : '';
}

/** What is not there takes one row for all options with the same fate. */
function topicSection({ title, about, tables }: Topic): string {
  return [`### ${title}`, '', about, '', '| options | what to do |', '| --- | --- |', ...tables.map(row), ''].join('\n');
}

function row(table: Table): string {
  const names = table.options.map((option) => namesOf(option).map((name) => `\`${name}\``));
  return `| ${names.map((spellings) => spellings.join(' = ')).join(', ')} | ${verdict(table)} |`;
}

function verdict({ note, instead = '', isRefused }: Table): string {
  if (note !== undefined) return `_no effect:_ ${note}`;
  return `${isRefused ? '**error**: ' : ''}${instead}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
