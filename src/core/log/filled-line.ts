import { memoryOf } from '../util/memory.ts';
import { ctime } from './ctime.ts';
import { type LogPart, type LogVariable, type RequestLogSettings, WEB_SERVER_DATE } from './format.ts';
import { harmless, harmlessQuoted } from './harmless.ts';
import { headFigures, type LoggedAnswer, type LoggedRequest } from './request-line.ts';
import { strftime } from './strftime.ts';

const MEGABYTE = 2 ** 20;

/** A request that no worker ran. */
interface Told {
  readonly request: LoggedRequest;
  readonly answer: LoggedAnswer;
  readonly count: number;
  readonly dateFormat: string;
}

/** What a client said may be anything; what is ours is shown as it is. */
type Value = { readonly said: string } | string | number;

const orDash = (said: string): Value => ({ said: said || '-' });

const VARIABLES: Readonly<Record<LogVariable, (told: Told) => Value>> = {
  uri: ({ request }) => orDash(request.uri),
  method: ({ request }) => orDash(request.method),
  user: ({ request }) => orDash(request.user),
  addr: ({ request }) => orDash(request.address),
  host: ({ request }) => orDash(request.variable('HTTP_HOST')),
  proto: ({ request }) => orDash(request.protocol),
  uagent: ({ request }) => orDash(request.variable('HTTP_USER_AGENT')),
  referer: ({ request }) => orDash(request.variable('HTTP_REFERER')),
  status: ({ answer }) => answer.status,
  rsize: ({ answer }) => answer.bodySize,
  hsize: ({ request, answer }) => headFigures(request, answer).size,
  size: ({ request, answer }) => headFigures(request, answer).size + answer.bodySize,
  cl: ({ request }) => contentLength(request),
  micros: ({ answer }) => Math.floor(answer.spentMs * 1000),
  msecs: ({ answer }) => Math.floor(answer.spentMs),
  secs: ({ answer }) => (answer.spentMs / 1000).toFixed(6),
  tmsecs: ({ answer }) => answer.begun.getTime(),
  tmicros: ({ answer }) => answer.begun.getTime() * 1000,
  time: ({ answer }) => Math.floor(answer.begun.getTime() / 1000),
  ltime: ({ answer }) => strftime(WEB_SERVER_DATE, answer.begun),
  ftime: ({ answer, dateFormat }) => strftime(dateFormat, answer.begun),
  ctime: ({ answer }) => ctime(answer.begun),
  epoch: () => Math.floor(Date.now() / 1000),
  pid: () => process.pid,
  wid: () => 0,
  switches: () => 0,
  vars: ({ request }) => 2 * request.pairs,
  core: () => 0,
  vsz: () => addressSpace(),
  rss: () => process.memoryUsage.rss(),
  vszM: () => Math.floor(addressSpace() / MEGABYTE),
  rssM: () => Math.floor(process.memoryUsage.rss() / MEGABYTE),
  pktsize: ({ request }) => request.packetSize,
  modifier1: () => 0,
  modifier2: () => 0,
  headers: ({ request, answer }) => headFigures(request, answer).count,
  werr: () => 0,
  rerr: () => 0,
  ioerr: () => 0,
  '@app': () => -1,
  '@req': ({ count }) => `-1/${count}`,
  '@user': ({ request }) => ({ said: request.user }),
  '@addr': ({ request }) => ({ said: request.address }),
  '@forwarded': ({ request }) => ({ said: request.variable('HTTP_X_FORWARDED_FOR') || request.address }),
  '@host': ({ request }) => ({ said: request.variable('HTTP_HOST') || request.variable('SERVER_NAME') }),
  '@method': ({ request }) => ({ said: request.method }),
  '@uri': ({ request }) => ({ said: request.uri }),
  '@proto': ({ request }) => ({ said: request.protocol }),
  '@via': ({ answer }) => (answer.via === '' ? ' ' : ` via ${answer.via}() `),
};

/** The line of `log-format` about a request that no worker ran; what only workers know is `-` in it. */
export function filledLine({ parts, dateFormat }: RequestLogSettings, request: Omit<Told, 'dateFormat'>): string {
  const told = { ...request, dateFormat };
  return parts.map((part) => fill(part, told)).join('');
}

function fill(part: LogPart, told: Told): string {
  if (part.kind === 'text') return part.value;
  const value = valueOf(part, told);
  if (typeof value !== 'object') return String(value);
  return part.isQuoted ? harmlessQuoted(value.said) : harmless(value.said);
}

function valueOf(part: Exclude<LogPart, { kind: 'text' }>, told: Told): Value {
  if (part.kind === 'variable') return VARIABLES[part.value](told);
  return part.kind === 'var' ? orDash(told.request.variable(part.value)) : '-';
}

function contentLength({ variable }: LoggedRequest): number {
  return Number(variable('CONTENT_LENGTH')) || 0;
}

function addressSpace(): number {
  return memoryOf(process.pid)?.as ?? 0;
}

/** The same as one JSON object; its twin is python/tsuwsgi/logjson.py. ASCII alone, so that nothing in it can act on whoever reads it. */
export function jsonLine({ request, answer }: Omit<Told, 'dateFormat'>): string {
  const head = headFigures(request, answer);
  const entry = {
    time: answer.begun.toISOString(),
    pid: process.pid,
    worker: 0,
    core: 0,
    app: -1,
    address: said(request.address),
    user: said(request.user),
    method: said(request.method),
    uri: said(request.uri),
    protocol: said(request.protocol),
    host: said(request.variable('HTTP_HOST')),
    referer: said(request.variable('HTTP_REFERER')),
    user_agent: said(request.variable('HTTP_USER_AGENT')),
    status: answer.status,
    micros: Math.floor(answer.spentMs * 1000),
    request_bytes: contentLength(request),
    response_bytes: answer.bodySize,
    head_bytes: head.size,
    headers: head.count,
    via: answer.via || null,
    variables: {},
  };
  return JSON.stringify(entry).replaceAll(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Text, where it is UTF-8; otherwise what is not by its number. Null where nothing was said. */
function said(bytes: string): string | null {
  if (bytes === '') return null;
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  // Rare, and only then is it worth to look at each byte.
  return text.includes('\ufffd') ? harmless(bytes) : text;
}
