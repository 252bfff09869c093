/**
 * The fields of a request of HTTP/2 → the same head in HTTP/1.1, so that one parser decides what a request is, and what its environ says.
 *
 *     :method: GET, :path: /a?b, :authority: example.com, cookie: a=b   →   GET /a?b HTTP/1.1 · Host: example.com · cookie: a=b
 */
import { ProtocolError } from '../../errors/protocol.ts';
import { FIELD_NAME } from './field-name.ts';

/** As Node gives them: names in small letters, the pseudo fields among them. */
export type Http2Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

const TARGET = /^(\/|\*$)/;

/** @throws ProtocolError for what could become more than one head, or another one */
export function headOf(fields: Http2Fields): Buffer {
  const { ':method': method, ':path': path, ':authority': authority, host = '', ...rest } = fields;
  if (typeof method !== 'string' || typeof path !== 'string') throw malformed('no method or no path');
  if (!TARGET.test(path)) throw malformed('a path that is none');
  const lines = [`${method} ${path} HTTP/1.1`];
  // Only where there is one: a request without any host has to be seen as such.
  const [named = '', other = named] = [authority ?? [], host].flat();
  // Programs behind us could go by the one or by the other (RFC 9113 8.3.1).
  if (authority !== undefined && other !== '' && other.toLowerCase() !== named.toLowerCase())
    throw malformed('a Host that is not the authority');
  if (named !== '') lines.push(`host: ${named}`);
  for (const [name, value = ''] of Object.entries(rest)) if (!name.startsWith(':')) lines.push(...linesOf(name, value));
  if (lines.some((line) => /[\r\n\0]/.test(line))) throw malformed('a line end in a field');
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function linesOf(name: string, value: string | readonly string[]): readonly string[] {
  if (!FIELD_NAME.test(name)) throw malformed('a field name that is none');
  return [value].flat().map((one) => `${name}: ${one}`);
}

function malformed(what: string): ProtocolError {
  return ProtocolError.malformed('http', what);
}
