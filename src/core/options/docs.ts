/** The reference page docs/options.md, made from the registry. */
import type { Option } from './define.ts';
import { groups, type OptionGroup } from './registry.ts';

const HEAD = `<!-- Generated from src/core/options by "npm run generate"; change the declarations, not this page. -->

# Options

Each option can be given on the command line (\`--processes 4\`, \`--processes=4\`, \`-p 4\`, \`-p4\`), in a config file
(\`processes = 4\` under \`[uwsgi]\`) and in the environment (\`UWSGI_PROCESSES=4\`). They are read in this order: the environment,
the command line from left to right, then the config files named without an option. The last value wins; options marked
*repeatable* add up. An argument in brackets is optional and must be attached: \`-C660\`, \`--chmod-socket=660\`.
`;

/** The whole page. */
export function optionsPage(): string {
  return [HEAD, ...groups.map(section)].join('\n');
}

function section({ title, options }: OptionGroup): string {
  return [`## ${title}`, '', ...Object.entries(options).map(([name, option]) => paragraph(name, option))].join('\n');
}

function paragraph(name: string, option: Option): string {
  const facts = [defaultOf(option), ...traits(option)].filter((fact) => fact !== '');
  const sentences = [`${capital(option.help)}.`, option.note ?? '', facts.length === 0 ? '' : `*${capital(facts.join('; '))}.*`];
  return `### ${name}\n\n${spellings(name, option)}\n\n${sentences.filter((sentence) => sentence !== '').join(' ')}\n`;
}

/** `-p`, `--processes N`, `--workers N` */
function spellings(name: string, option: Option): string {
  const letters = option.short === undefined ? [] : [`-${option.short}${argumentAfter(option, ' ', '')}`];
  const names = [name, ...(option.aliases ?? [])].map((one) => `--${one}${argumentAfter(option, ' ', '=')}`);
  return [...letters, ...names].map((spelling) => `\`${spelling}\``).join(', ');
}

function argumentAfter({ arity, metavar = 'VALUE' }: Option, required: string, optional: string): string {
  if (arity === 'none') return '';
  return arity === 'required' ? `${required}${metavar}` : `[${optional}${metavar}]`;
}

function traits(option: Option): string[] {
  const known: readonly (readonly [unknown, string])[] = [
    [option.repeat === 'append', 'repeatable'],
    [option.impliesMaster, 'turns the master on'],
    [option.extension, 'not in uWSGI'],
    [option.support === 'inert', 'accepted without effect'],
  ];
  return known.filter(([applies]) => applies === true).map(([, text]) => text);
}

function defaultOf(option: Option): string {
  if (option.default === true) return 'on by default';
  return typeof option.default === 'number' ? `default: ${option.default}` : '';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
