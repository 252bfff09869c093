/** Values that are read as they are written, and hardly meant so. */
import type { ConfigFile } from '../../config/load.ts';
import { lookUp } from '../../options/names.ts';
import type { Configuration, NamedEntry } from '../configuration.ts';
import { about, type Finding } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** Options whose value is a name, a path or an address. Elsewhere quotes, comment signs and dollars may well belong there. */
const PLAIN: ReadonlySet<string> = new Set(
  (
    'callable chdir chdir2 chown-socket daemonize daemonize2 fastcgi-socket gid http http-socket http11-socket https https-socket import ' +
    'logto logto2 master-fifo mimefile module mount pidfile pidfile2 plugins plugins-dir python pythonpath scgi-socket socket spooler ' +
    'static-map stats touch-chain-reload touch-reload uid uwsgi-socket virtualenv wsgi-file'
  ).split(' '),
);

/** Options that hold patterns, formats or commands, in which anything is possible. */
const FREE_TEXT = /^(route|.*-route|add-header|.*-header|log-format|.*-encoder|hook-|exec-|.*attach-daemon|cron|.*-cron|alarm|eval|print)/;

export const valueRules: readonly Rule[] = [
  {
    id: 'quotes-in-value',
    severity: 'error',
    title: 'A value in quotes',
    why: 'In uWSGI\'s INI files quotes are part of the value: `callable = "app"` looks for an object whose name has quotes in it.',
    remedy: 'Write the value without quotes.',
    check: ({ entries, files }) =>
      entries
        .filter((entry) => PLAIN.has(entry.option) && isFromIni(entry, files) && isQuoted(entry.text))
        .map((entry) =>
          about(entry, `the quotes are part of the value of "${entry.name}"`, `write "${entry.name} = ${entry.text.slice(1, -1)}"`),
        ),
  },
  {
    id: 'quotes-in-environment',
    severity: 'warning',
    title: 'An environment variable in quotes',
    why: 'No shell reads `env = NAME="text"`: the application finds the quotes in its variable.',
    remedy: 'Write the value without quotes.',
    check: (configuration) =>
      configuration.all('env').flatMap((entry) => {
        const [, name, quoted = ''] = /^([^=]+)=(.*)$/s.exec(entry.text) ?? [];
        if (name === undefined || !isQuoted(quoted)) return [];
        return [about(entry, `the quotes are part of the variable ${name}`, `write "${entry.name} = ${name}=${quoted.slice(1, -1)}"`)];
      }),
  },
  {
    id: 'comment-in-text',
    severity: 'error',
    title: 'A comment behind a name, a path or an address',
    why: 'Comments need lines of their own: `module = app:app ; the site` asks for an object that is called `app ; the site`.',
    remedy: 'Give the comment a line of its own.',
    check: ({ entries }) =>
      entries.flatMap((entry) => {
        const comment = PLAIN.has(entry.option) ? /\s+([;#].*)$/s.exec(entry.text) : null;
        if (comment?.[1] === undefined) return [];
        return [about(entry, `"${comment[1]}" is part of the value of "${entry.name}"`, 'give the comment a line of its own')];
      }),
  },
  {
    id: 'template-text',
    severity: 'error',
    title: 'Text of a template that nobody filled in',
    why: 'Things like `{{ user }}`, `<project>`, `/path/to/app` or `your_project` come from a template or from a tutorial.',
    remedy: 'Write what is meant; validate a template only after it was rendered.',
    check: ({ entries }) =>
      entries.flatMap((entry) => {
        const found = FREE_TEXT.test(entry.option) ? undefined : templateTextIn(entry.text);
        if (found === undefined) return [];
        return [about(entry, `"${found}" in "${entry.name}" is a template's text`, 'put what is meant in its place')];
      }),
  },
  {
    id: 'shell-variable',
    severity: 'warning',
    title: 'A variable as a shell writes it',
    why: 'Config files are not read by a shell: `$NAME` and `${NAME}` stay as they are, only `$(NAME)` is replaced.',
    remedy: 'Write `$(NAME)`.',
    check: ({ entries }) =>
      entries.flatMap((entry) => {
        const [found, name] = shellVariableIn(entry) ?? [];
        if (found === undefined || name === undefined) return [];
        return [about(entry, `"${found}" in "${entry.name}" is not replaced`, `write "$(${name})"`)];
      }),
  },
  {
    id: 'home-tilde',
    severity: 'error',
    title: 'A tilde for a home directory',
    why: 'Only a shell makes a home directory of `~`: for the server it is a folder of that name.',
    remedy: 'Write the path in full, or `$(HOME)` where that variable is set: systemd sets it for services with a user.',
    check: ({ entries }) =>
      entries.flatMap((entry) => {
        if (!/^~(\/|$)/.test(entry.text) || !isPath(entry)) return [];
        return [about(entry, `"~" in "${entry.name}" is not replaced`, `write "${entry.name} = $(HOME)${entry.text.slice(1)}"`)];
      }),
  },
  {
    id: 'bracket-arithmetic',
    severity: 'error',
    title: 'Arithmetic with brackets',
    why: 'What is inside `%( )` is worked off from left to right without brackets or precedence: `%((%k * 2) + 1)` is always 1, in uWSGI too.',
    remedy: 'Calculate in steps: `twice = %(%k * 2)`, `processes = %(twice + 1)`.',
    check: ({ files }) => files.flatMap((file) => writtenPairs(file).flatMap(bracketsIn)),
  },
  {
    id: 'repeated-option',
    severity: 'warning',
    title: 'An option twice with different values',
    why: 'Only the last value counts. That is meant where a section or a file builds on another; within one section it rarely is.',
    remedy: 'Remove the line that does not count.',
    check: (configuration) =>
      overruled(configuration)
        .filter(([before, after]) => before.name === after.name)
        .map(([before, after]) =>
          about(
            before,
            `"${before.name} = ${before.text}" does not count: line ${lineOf(after)} says "${after.text}"`,
            'remove one of them',
          ),
        ),
  },
  {
    id: 'two-names',
    severity: 'warning',
    title: 'Two names of one option with different values',
    why: '`processes` and `workers`, or `virtualenv` and `home`, are the same option: the last one counts.',
    remedy: 'Keep one of them.',
    check: (configuration) =>
      overruled(configuration)
        .filter(([before, after]) => before.name !== after.name)
        .map(([before, after]) =>
          about(
            before,
            `"${before.name}" is another name of "${after.name}", and line ${lineOf(after)} overrules it with "${after.text}"`,
            'remove one of them',
          ),
        ),
  },
];

function isFromIni({ origin }: NamedEntry, files: readonly ConfigFile[]): boolean {
  return origin.kind === 'file' && files.some(({ path, format }) => format === 'ini' && path === origin.path);
}

function isPath({ option }: NamedEntry): boolean {
  const { kind } = lookUp(option) ?? {};
  return kind === 'path' || kind === 'paths';
}

function isQuoted(text: string): boolean {
  return /^(["']).+\1$/s.test(text);
}

const TEMPLATE_TEXT: readonly RegExp[] = [
  /\{\{.*?\}\}/,
  /\{%.*?%\}/,
  // Neither the named group of a pattern nor the file that a command reads.
  /(?<!\?)<[A-Za-z](?:[\w -]*\w)?>/,
  /\/(?:absolute\/|full\/)?path\/(?:to|of)\b[\w/.-]*/i,
  /\b(?:project|app|application) (?:dir|directory|folder|path|name|root)\b/i,
  /\byour[-_ ]?(?:project|app|application|site|domain|user|username|name|module|virtualenv|venv)(?:[-_]?(?:name|dir|path))?\b/i,
  /\bchange[-_ ]?me\b/i,
];

function templateTextIn(text: string): string | undefined {
  return TEMPLATE_TEXT.map((pattern) => pattern.exec(text)?.[0]).find((found) => found !== undefined);
}

/** In the environment of the application a dollar sign may well be part of a password. */
function shellVariableIn({ option, text }: NamedEntry): RegExpExecArray | undefined {
  if (FREE_TEXT.test(option)) return undefined;
  const pattern = option === 'env' ? /(?:(?<==)\$|(?<=[:/])\$|\$(?=\{))\{?([A-Z_][A-Z0-9_]*)\}?/ : /\$\{?([A-Za-z_]\w*)\}?/;
  return pattern.exec(text) ?? undefined;
}

/** The values as they stand in the file: in the entries they are worked out already. */
function writtenPairs({ path, document }: ConfigFile): { path: string; line: number; key: string; value: string }[] {
  return document.pairs.map((pair) => ({ path, ...pair }));
}

function bracketsIn({ path, line, key, value }: { path: string; line: number; key: string; value: string }): Finding[] {
  const found = /%\(\s*\([^)]*\)[^)]*\)/.exec(value)?.[0];
  if (found === undefined) return [];
  return [
    {
      message: `"${found}" is worked out without its brackets`,
      origin: { kind: 'file', path, line },
      option: key,
      suggestion: 'calculate in steps, with a key of its own for each',
    },
  ];
}

/** Two entries of one option that takes one value, both in the same section, of which the first does not count. */
function overruled({ entries, files }: Configuration): [NamedEntry, NamedEntry][] {
  return files.flatMap((file) => {
    const lines = unconditionalLines(file);
    const here = entries.filter(({ origin }) => origin.kind === 'file' && origin.path === file.path && lines.has(origin.line));
    return here.flatMap((entry, at) => {
      const next = isSingle(entry) ? here.slice(at + 1).find(({ option }) => option === entry.option) : undefined;
      return next === undefined || meaningOf(next) === meaningOf(entry) ? [] : [[entry, next] as [NamedEntry, NamedEntry]];
    });
  });
}

/** What stands between `if-…` and `endif` is there to overrule what is above it. */
function unconditionalLines({ document }: ConfigFile): ReadonlySet<number> {
  const lines = new Set<number>();
  let isConditional = false;
  for (const { key, line } of document.pairs) {
    if (/^(if-|for$|for-|ifenv$|ifexists$|ifplugin$|ifdir$)/.test(key)) isConditional = true;
    else if (/^end(-?if|-?for)?$/.test(key)) isConditional = false;
    else if (!isConditional) lines.add(line);
  }
  return lines;
}

function isSingle({ option }: NamedEntry): boolean {
  return lookUp(option)?.isRepeatable === false;
}

function meaningOf({ text }: NamedEntry): string {
  return /^(1|true|yes|on|)$/i.test(text) ? 'true' : text;
}

function lineOf({ origin }: NamedEntry): string {
  return origin.kind === 'file' ? String(origin.line) : '';
}
