/** A file as a response: which status, which header fields, which of its bytes. Nothing is read here. */
import { STATUS_CODES } from 'node:http';
import { type Conditions, isSameState, judge, type Validators } from './conditions.ts';
import { formatDate } from './dates.ts';
import { type BodyPart, contentRange, multipart, selectRanges } from './ranges.ts';

/** Of a file, what its response tells. */
export interface Representation {
  readonly size: number;
  /** Milliseconds since 1970, with their fraction. */
  readonly modifiedMs: number;
  /** Content-Type; undefined for a file of which nobody knows. */
  readonly type: string | undefined;
  /** It is the compressed twin of the file that was asked for. */
  readonly isGzip: boolean;
  /** Which of the two is sent depends on the client. */
  readonly varies: boolean;
  /** When it expires, in milliseconds since 1970. */
  readonly expiresMs: number | undefined;
}

/** Of a request for a file, what shapes its response. */
export interface FileQuestion extends Conditions {
  readonly isHead: boolean;
  readonly range: string;
}

export interface FileResponse {
  readonly status: number;
  /** "200 OK\r\nName: value\r\n…" without the blank line. */
  readonly head: string;
  /** Size of the body; of a HEAD, the one that GET would bring; -1 where there is none. */
  readonly contentLength: number;
  readonly parts: readonly BodyPart[];
  /** Text behind the last part, or all that the body is. */
  readonly after: string;
}

type Field = readonly [name: string, value: string];

/** @param boundary for a body of several parts: what occurs in none of them */
export function fileResponse(question: FileQuestion, file: Representation, boundary: string): FileResponse {
  const validators = validatorsOf(file);
  switch (judge(question, validators)) {
    case 'failed':
      return refusal(412, []);
    case 'not modified':
      return { ...NO_BODY, status: 304, head: headOf(304, lastingFields(file, validators)) };
    case 'answer':
      return answer(question, file, { validators, boundary });
  }
}

/** A head of which another server in front makes the response: `field` names the file to it. */
export function handedOver(file: Representation, field: Field): FileResponse {
  const head = headOf(200, [...typeFields(file), field, ['Last-Modified', formatDate(file.modifiedMs)]]);
  return { ...NO_BODY, status: 200, head, contentLength: 0 };
}

/** The state of a file as nginx and Apache tell it: when it was changed, and its size. Microseconds, so that a quick change shows. */
export function validatorsOf({ size, modifiedMs, isGzip }: Representation): Validators {
  const time = Math.round(modifiedMs * 1000).toString(16);
  return { tag: `"${time}-${size.toString(16)}${isGzip ? '-gz' : ''}"`, modifiedAt: Math.floor(modifiedMs / 1000) };
}

const NO_BODY = { contentLength: -1, parts: [], after: '' } as const;

interface Making {
  readonly validators: Validators;
  readonly boundary: string;
}

function answer(question: FileQuestion, file: Representation, { validators, boundary }: Making): FileResponse {
  const { size, type } = file;
  // Range means nothing in a HEAD (RFC 9110 14.2).
  const isPartial = !question.isHead && isSameState(question, validators);
  const selected = isPartial ? selectRanges(question.range, size) : 'whole';
  if (selected === 'none') return refusal(416, [['Content-Range', contentRange(undefined, size)]]);
  if (selected === 'whole') return made(200, [{ before: '', from: 0, to: size }], { fields: fieldsOf(file, validators), length: size });
  const [only] = selected;
  if (only && selected.length === 1) {
    const length = only.to - only.from;
    return made(206, [{ before: '', ...only }], { fields: fieldsOf(file, validators, contentRange(only, size)), length });
  }
  const { parts, after, length, type: whole } = multipart(selected, { size, type }, boundary);
  return { ...made(206, parts, { fields: fieldsOf({ ...file, type: whole }, validators), length }), after };
}

function made(status: number, parts: readonly BodyPart[], { fields, length }: { fields: Fields; length: number }): FileResponse {
  return { status, head: headOf(status, fields(length)), contentLength: length, parts, after: '' };
}

type Fields = (length: number) => readonly Field[];

/** In uWSGI's order, with what it does not send behind. */
function fieldsOf(file: Representation, validators: Validators, range?: string): Fields {
  return (length) => [
    ...typeFields(file),
    ['Content-Length', String(length)],
    ...(range === undefined ? [] : [['Content-Range', range] as const]),
    ['Last-Modified', formatDate(file.modifiedMs)],
    ['ETag', validators.tag],
    ['Accept-Ranges', 'bytes'],
    ...varyField(file),
  ];
}

function typeFields({ type, isGzip, expiresMs }: Representation): readonly Field[] {
  return [
    ...(isGzip ? [['Content-Encoding', 'gzip'] as const] : []),
    ...expiresField(expiresMs),
    ...(type === undefined ? [] : [['Content-Type', type] as const]),
  ];
}

/** What a 304 repeats (RFC 9110 15.4.5). */
function lastingFields(file: Representation, { tag }: Validators): readonly Field[] {
  return [...expiresField(file.expiresMs), ['ETag', tag], ...varyField(file)];
}

function expiresField(expiresMs: number | undefined): readonly Field[] {
  return expiresMs === undefined ? [] : [['Expires', formatDate(expiresMs)]];
}

function varyField({ varies }: Representation): readonly Field[] {
  return varies ? [['Vary', 'Accept-Encoding']] : [];
}

function refusal(status: number, fields: readonly Field[]): FileResponse {
  const after = `${title(status)}\n`;
  const all: readonly Field[] = [['Content-Type', 'text/plain'], ['Content-Length', String(after.length)], ...fields];
  return { status, head: headOf(status, all), contentLength: after.length, parts: [], after };
}

function headOf(status: number, fields: readonly Field[]): string {
  return `${title(status)}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
}

function title(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`;
}
