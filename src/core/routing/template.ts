/** Texts of rules with `$1` for what an expression found, `${NAME}` for a variable of the request and `${function[argument]}`. */
import { RuleFlaw } from '../errors/routing.ts';
import { nearest } from '../errors/nearest.ts';

export type Part =
  string | { readonly group: number } | { readonly variable: string } | { readonly function: FunctionName; readonly argument: string };

export type Template = readonly Part[];

/** What `${name[…]}` can be. */
const FUNCTIONS = ['cookie', 'qs', 'time', 'httptime', 'base64', 'hex', 'upper', 'lower', 'uwsgi'] as const;

export type FunctionName = (typeof FUNCTIONS)[number];

/** What else uWSGI has. */
const OTHERS: Readonly<Record<string, string>> = {
  mime: 'name the type in the rule',
  geoip: 'let the proxy in front look it up, and send it in a header',
  math: 'work it out in the application',
  metric: 'there are no metrics; see the statistics server',
  xattr: 'read it in the application',
  xattr2: 'read it in the application',
};

const UWSGI_WORDS = ['status', 'uuid'];
const TIME_WORDS = ['unix', 'micros'];

/** @throws RuleFlaw for a function that there is not, and for a brace that is not closed */
export function parseTemplate(text: string): Template {
  const parts: Part[] = [];
  let plain = '';
  for (let at = 0; at < text.length;) {
    const { part, size } = readPart(text, at);
    at += size;
    if (typeof part === 'string') plain += part;
    else {
      if (plain !== '') parts.push(plain);
      plain = '';
      parts.push(part);
    }
  }
  return plain === '' ? parts : [...parts, plain];
}

/** Whether no request changes it. */
export function isConstant(template: Template): boolean {
  return template.every((part) => typeof part === 'string');
}

function readPart(text: string, at: number): { part: Part; size: number } {
  const next = text[at + 1] ?? '';
  if (text[at] !== '$') return { part: text[at] ?? '', size: 1 };
  if (/\d/.test(next)) return { part: { group: Number(next) }, size: 2 };
  if (next !== '{') return { part: '$', size: 1 };
  const end = text.indexOf('}', at);
  if (end === -1) throw new RuleFlaw('"${" without its "}"', { column: at + 1 });
  return { part: readVariable(text.slice(at + 2, end), at), size: end + 1 - at };
}

function readVariable(name: string, at: number): Part {
  const [, called, argument = ''] = /^([^[]*)\[(.*)\]$/s.exec(name) ?? [];
  if (called === undefined) return { variable: name };
  const known = FUNCTIONS.find((one) => one === called);
  if (known === undefined) throw unknownFunction(called, at);
  const words = known === 'uwsgi' ? UWSGI_WORDS : known === 'time' ? TIME_WORDS : [argument];
  if (!words.includes(argument)) {
    throw new RuleFlaw(`there is no \${${known}[${argument}]}`, { column: at + 1, suggestions: [`write one of ${words.join(', ')}`] });
  }
  return { function: known, argument };
}

function unknownFunction(name: string, at: number): RuleFlaw {
  const other = Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined;
  const message = other === undefined ? `there is no \${${name}[…]}` : `\${${name}[…]} is uWSGI's, and not here`;
  const suggestions = other === undefined ? nearest(name, FUNCTIONS).map((one) => `write \${${one}[…]}`) : [other];
  return new RuleFlaw(message, { column: at + 1, suggestions });
}
