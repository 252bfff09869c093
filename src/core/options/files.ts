/** What the options of static files are made of. */

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
  const at = text.indexOf('=');
  if (at === -1 || at === text.length - 1) throw new RangeError('a path of the site and a folder, such as /static=/srv/site/static');
  return { prefix: text.slice(0, at), target: text.slice(at + 1) };
}

export function cautionMapping(text: string): string | undefined {
  if (text.startsWith('/') || text.startsWith('=')) return undefined;
  return `"${text}" matches no request, since their paths begin with a slash; write "/${text}"`;
}

/** What PCRE knows and JavaScript reads as something else, without an error: anchors and classes by a letter, POSIX classes. */
const ANOTHER_MEANING = /(?<!\\)(?:\\\\)*(\\[AEGHKNQRXZhz]|\[\[:)/;

/** Regular expressions are JavaScript's. */
export function parseExpression(text: string): string {
  const [, foreign] = ANOTHER_MEANING.exec(text) ?? [];
  if (foreign !== undefined) throw new RangeError(`a regular expression of JavaScript, which has no "${foreign}"`);
  try {
    new RegExp(text);
  } catch (error) {
    throw new RangeError(`a regular expression (${(error as Error).message})`, { cause: error });
  }
  if (text === '') throw new RangeError('a regular expression');
  return text;
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
