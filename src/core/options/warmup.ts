/** `warmup = /shop/`, `warmup = https://example.com/shop/?page=1`: what the application is asked for before the first client comes. */

/** A request of the server's own. */
export interface WarmupRequest {
  /** What the user wrote; the log shows it. */
  readonly text: string;
  readonly scheme: 'http' | 'https';
  /** With the port, if one was written. */
  readonly host: string;
  /** As a client sends it: percent-encoded, with the query. */
  readonly target: string;
}

const ADDRESS = /^(?:(https?):\/\/([\w.-]+(?::\d{1,5})?|\[[\da-f:.]+\](?::\d{1,5})?)(?=\/))?(\/[^\s#]*)$/i;
const NOT_ASCII = /[^\x21-\x7e]+/g;

/** @throws RangeError that says what is expected */
export function parseWarmup(text: string): WarmupRequest {
  const [, scheme = 'http', host = 'localhost', target] = ADDRESS.exec(text) ?? [];
  if (target === undefined)
    throw new RangeError('a path that begins with a slash, as in /shop/, or all of an address: https://example.com/shop/');
  return { text, scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http', host, target: target.replace(NOT_ASCII, encodeURIComponent) };
}

/** The path alone, decoded: a character for each byte. */
export function pathOf({ target }: WarmupRequest): string {
  const [path = ''] = target.split('?', 1);
  return path.replace(/%([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
