import type { ResponseStart } from '../protocol/response.ts';

/** Lines of a response's head. Latin-1. */
export interface ResponseHead {
  /** `200 OK` */
  readonly status: string;
  /** `Name: value` */
  readonly fields: readonly string[];
}

export function readHead({ bytes, headStart, bodyStart }: ResponseStart): ResponseHead {
  const [status = '', ...fields] = bytes.toString('latin1', headStart, bodyStart).split('\r\n');
  return { status, fields: fields.slice(0, -1) };
}

/** The same response with another head. */
export function withHead<Start extends ResponseStart>(start: Start, head: ResponseHead): Start {
  const text = Buffer.from(`${head.status}\r\n${fieldLines(head.fields)}`, 'latin1');
  const bytes = Buffer.concat([text, start.bytes.subarray(start.bodyStart, start.bodyEnd)]);
  const declares = head.fields.some((field) => nameOf(field) === 'content-length');
  const contentLength = declares ? start.contentLength : -1;
  return { ...start, contentLength, bytes, headStart: 0, bodyStart: text.length, bodyEnd: bytes.length };
}

/** In lower case. */
export function nameOf(field: string): string {
  return field.slice(0, field.indexOf(':')).toLowerCase();
}

export function valueOf(field: string): string {
  return field.slice(field.indexOf(':') + 1).trim();
}

export function fieldLines(fields: readonly string[]): string {
  return fields.map((field) => `${field}\r\n`).join('');
}
