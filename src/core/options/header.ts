/** Header fields in values of options. */

/** RFC 9110 5.6.2. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** About the connection or the form of the body, which are the server's. */
const OF_THE_SERVER = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'te', 'trailer', 'upgrade']);

/** @throws RangeError for what would be no header, or two of them */
export function parseHeaderLine(text: string): string {
  const colon = text.indexOf(':');

  if (colon === -1 || !NAME.test(text.slice(0, colon)) || /[\0\r\n]/.test(text))
    throw new RangeError('a header such as "X-Frame-Options: DENY"');
  return text;
}

/** What to warn about a header that the server does not send. */
export function cautionHeader(text: string): string | undefined {
  const name = text.replace(/:.*/s, '');
  return OF_THE_SERVER.has(name.toLowerCase()) ? `${name} is about the connection, which is the server's, so it is not sent` : undefined;
}

/** Whether a header of this name can be sent besides those of the server itself. */
export function isFree(line: string): boolean {
  return cautionHeader(line) === undefined;
}

/** @throws RangeError */
export function parseHeaderName(text: string): string {
  if (!NAME.test(text)) throw new RangeError('the name of a header');
  return text;
}

/** A header, and the variable that gets its value. */
export interface Collection {
  readonly header: string;
  readonly variable: string;
}

/** @throws RangeError */
export function parseCollection(text: string): Collection {
  const [header = '', variable = '', ...more] = text.split(/ +/);
  if (!NAME.test(header) || variable === '' || more.length > 0)
    throw new RangeError('a header and a variable, such as "X-Sendfile X_SENDFILE"');
  return { header, variable };
}
