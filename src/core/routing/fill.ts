import { randomUUID } from 'node:crypto';
import type { FunctionName, Part, Template } from './template.ts';

/** What templates are filled in with. Texts are latin-1. */
export interface Filling {
  /** What the rule's expression found, the whole first. */
  readonly groups: readonly string[];
  readonly variables: { get(name: string): string };
  /** Of the response, where there is one. */
  readonly status: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

type Function = (argument: string, filling: Filling) => string;

const FUNCTIONS: Readonly<Record<FunctionName, Function>> = {
  cookie: (name, { variables }) => valueOf(name, variables.get('HTTP_COOKIE'), /; */),
  qs: (name, { variables }) => valueOf(name, variables.get('QUERY_STRING'), /&/),
  time: (word, { now }) => (word === 'unix' ? String(Math.floor(now / 1000)) : String(Math.round(now * 1000))),
  httptime: (seconds, { now }) => new Date(now + (Number.parseInt(seconds, 10) || 0) * 1000).toUTCString(),
  base64: (name, { variables }) => Buffer.from(variables.get(name), 'latin1').toString('base64'),
  hex: (name, { variables }) => Buffer.from(variables.get(name), 'latin1').toString('hex').toUpperCase(),
  upper: (name, { variables }) => variables.get(name).replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase()),
  lower: (name, { variables }) => variables.get(name).replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  uwsgi: (word, { status }) => (word === 'uuid' ? randomUUID() : String(status ?? '')),
};

/** What is not there is empty. */
export function fill(template: Template, filling: Filling): string {
  return template.map((part) => fillPart(part, filling)).join('');
}

function fillPart(part: Part, filling: Filling): string {
  if (typeof part === 'string') return part;
  if ('group' in part) return filling.groups[part.group] ?? '';
  if ('variable' in part) return filling.variables.get(part.variable);
  return FUNCTIONS[part.function](part.argument, filling);
}

/** The first value of this name, as it was sent; empty without one. */
function valueOf(name: string, pairs: string, separator: RegExp): string {
  return (
    pairs
      .split(separator)
      .find((pair) => pair.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? ''
  );
}
