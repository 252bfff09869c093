/** What the options of static files are made of. */
import { parseExpression } from './expression.ts';
import { splitPair } from './pair.ts';

/** Files at a path of the site. */
export interface Mapping {
  readonly prefix: string;
  readonly target: string;
}

/** How long what matches is good for. */
export interface Lifetime {
  readonly pattern: string;
  readonly seconds: number;
}

export function parseMapping(text: string): Mapping {
  const [prefix, target] = splitPair(text);
  if (target === '') throw new RangeError('a path of the site and a folder, such as /static=/srv/site/static');
  return { prefix, target };
}

export function cautionMapping(text: string): string | undefined {
  if (text.startsWith('/') || text.startsWith('=')) return undefined;
  return `"${text}" matches no request, since their paths begin with a slash; write "/${text}"`;
}

export function parseLifetime(text: string): Lifetime {
  const [, pattern, seconds] = /^(.+?)\s+(\d+)$/.exec(text) ?? [];
  if (pattern === undefined) throw new RangeError('a regular expression, a blank and a number of seconds, such as \\.css$ 3600');
  return { pattern: parseExpression(pattern), seconds: Number(seconds) };
}

export function parseTypeLifetime(text: string): Lifetime {
  const [, pattern, seconds] = /^([^=\s]+)=(\d+)$/.exec(text) ?? [];
  if (pattern === undefined) throw new RangeError('a content type and a number of seconds, such as text/css=3600');
  return { pattern, seconds: Number(seconds) };
}
