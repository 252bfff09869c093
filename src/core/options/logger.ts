/**
 * Where lines go, as uWSGI writes it: `file:/var/log/app.log`, `slow rsyslog:10.0.0.1:514,shop`, and how they look there: `json {"m":"${msg}"}`.
 */
import { nearest } from '../errors/nearest.ts';
import { ENCODER_VARIABLES, ENCODERS, type EncoderKind, type LogEncoder, type LogRoute, type SinkAddress } from '../log/writer-settings.ts';
import { parsePythonExpression } from './expression.ts';
import { readPairs } from './pair.ts';
import { receiverIn } from './receiver.ts';

/** A logger as it was written; what the whole configuration says of it is added by the plan. */
export interface LoggerOption {
  readonly written: string;
  readonly name: string | null;
  readonly sink: SinkOption;
}

export type SinkOption =
  | { readonly kind: 'file'; readonly path: string; readonly maxBytes: number | undefined; readonly backupName: string | undefined }
  | { readonly kind: 'output'; readonly fd: 1 | 2 }
  | { readonly kind: 'syslog'; readonly ident: string; readonly facility: number }
  | { readonly kind: 'rsyslog'; readonly address: SinkAddress; readonly ident: string; readonly priority: number }
  | { readonly kind: 'socket'; readonly address: SinkAddress }
  | { readonly kind: 'pipe'; readonly command: string };

const PARSERS: Readonly<Record<string, (text: string) => SinkOption>> = {
  file: parseFile,
  fd: parseDescriptor,
  stdio: () => ({ kind: 'output', fd: 1 }),
  syslog: parseSyslog,
  rsyslog: parseRsyslog,
  socket: (text) => ({ kind: 'socket', address: parseSinkAddress(text) }),
  pipe: parsePipe,
};

/** The kinds of loggers that there are, for `logger-list`. */
export const LOGGERS: readonly string[] = Object.keys(PARSERS);

/** Those of uWSGI that need a service nobody was found to use with it, and what serves instead. */
const REFUSED: Readonly<Record<string, string>> = {
  redislog: 'socket:HOST:PORT to a log shipper that writes to Redis (Vector, Logstash)',
  mongodblog: 'socket:HOST:PORT to a log shipper that writes to MongoDB (Vector, Logstash)',
  zeromq: 'socket:HOST:PORT, a datagram for each line',
  zmq: 'socket:HOST:PORT, a datagram for each line',
  graylog2: 'log-encoder = json with socket:HOST:PORT, or rsyslog:HOST:PORT to a syslog input of Graylog',
  crypto: 'rsyslog: to a daemon of this machine that forwards over TLS',
  python: 'the module logging in the application, with pipe:COMMAND where a program is to read the lines',
  systemd: 'stdio: systemd reads the output of its services',
};

const FILE_FORM = 'file:/path or file:logfile=/path,maxsize=BYTES,backupname=/path';

/** syslog(3). */
const FACILITIES: readonly (string | undefined)[] = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...[undefined, undefined, undefined, undefined],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];
const DAEMON = 3;
/** What uWSGI sends: the facility daemon, severity notice. */
const RSYSLOG_PRIORITY = 29;
const RSYSLOG_PORT = 514;
const HIGHEST_PRIORITY = 191;

/**
 * `[NAME ]KIND[:ARGUMENTS]`. A name is followed by a blank and has no colon, which the command of a `pipe` may have.
 *
 * @throws RangeError that says what a logger is
 */
export function parseLogger(text: string): LoggerOption {
  const [, name, rest = text] = /^([\w.-]+) +(.*)$/s.exec(text) ?? [];
  return { written: text, name: name ?? null, sink: parseSink(rest) };
}

/** `log-syslog` and `log-socket` are loggers whose kind is in their name. */
export function parseLoggerOf(kind: 'syslog' | 'socket', text: string): LoggerOption {
  return { written: `${kind}:${text}`, name: null, sink: (PARSERS[kind] as (text: string) => SinkOption)(text) };
}

function parseSink(text: string): SinkOption {
  const [kind = '', ...rest] = text.split(':');
  const parse = PARSERS[kind];
  if (parse !== undefined) return parse(rest.join(':'));
  const instead = REFUSED[kind];
  if (instead !== undefined) throw new RangeError(`a logger that tsuwsgi has (in the place of ${kind}, use ${instead})`);
  const [meant] = nearest(kind, LOGGERS, 1);
  throw new RangeError(
    `a logger: ${LOGGERS.map((name) => `${name}:…`).join(', ')}${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
  );
}

/** `/path`, or `logfile=/path,maxsize=BYTES,backupname=/path`. */
function parseFile(text: string): SinkOption {
  if (!/^\w+=/.test(text)) return { kind: 'file', path: needed(text, 'file:/path'), maxBytes: undefined, backupName: undefined };
  const keys = readPairs(text, ['logfile', 'maxsize', 'backupname'], FILE_FORM);
  const size = keys.get('maxsize');
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw new RangeError(FILE_FORM);
  return {
    kind: 'file',
    path: needed(keys.get('logfile') ?? '', FILE_FORM),
    maxBytes: size === undefined ? undefined : Number(size),
    backupName: keys.get('backupname'),
  };
}

function parseDescriptor(text: string): SinkOption {
  if (text !== '1' && text !== '2') throw new RangeError('fd:1 or fd:2, the output of the server');
  return { kind: 'output', fd: text === '1' ? 1 : 2 };
}

function parseSyslog(text: string): SinkOption {
  const [ident = '', facility] = text.split(',');
  const number = facility === undefined ? DAEMON : FACILITIES.indexOf(facility);
  if (number === -1)
    throw new RangeError(`syslog:IDENT,FACILITY with one of ${FACILITIES.filter((each) => each !== undefined).join(', ')}`);
  return { kind: 'syslog', ident: ident === '' ? 'uwsgi' : ident, facility: number };
}

function parseRsyslog(text: string): SinkOption {
  const [address = '', ident = '', priority] = text.split(',');
  if (priority !== undefined && !(/^\d{1,3}$/.test(priority) && Number(priority) <= HIGHEST_PRIORITY))
    throw new RangeError(`rsyslog:HOST:PORT,IDENT,PRIORITY with a priority of RFC 3164 as a number from 0 to ${HIGHEST_PRIORITY}`);
  const withPort = /^[^/@:]+$/.test(address) ? `${address}:${RSYSLOG_PORT}` : address;
  return {
    kind: 'rsyslog',
    address: parseSinkAddress(withPort),
    ident,
    priority: priority === undefined ? RSYSLOG_PRIORITY : Number(priority),
  };
}

/** `HOST:PORT`, `[IPv6]:PORT`, or a Unix socket: `/path` or `@abstract`. */
function parseSinkAddress(text: string): SinkAddress {
  if (/^[/@]./.test(text)) return { path: text };
  const receiver = receiverIn(text);
  if (receiver === undefined) throw new RangeError('HOST:PORT or the path of a Unix socket behind the colon');
  return receiver;
}

function parsePipe(text: string): SinkOption {
  return { kind: 'pipe', command: needed(text, 'pipe:COMMAND') };
}

function needed(text: string, form: string): string {
  if (text === '') throw new RangeError(form);
  return text;
}

/**
 * `NAME REGEX`.
 *
 * @throws RangeError that says what a route is
 */
export function parseLogRoute(text: string): LogRoute {
  const [, logger, expression] = /^(\S+) +(.+)$/s.exec(text) ?? [];
  if (logger === undefined || expression === undefined)
    throw new RangeError('the name of a logger and a regular expression: slow \\bin \\d{4,} msecs');
  return { logger, expression: parsePythonExpression(expression) };
}

/**
 * `KIND[:LOGGER][ ARGUMENT]`.
 *
 * @throws RangeError that names the encoders there are
 */
export function parseLogEncoder(text: string): LogEncoder {
  const [, kind = '', logger, argument = ''] = /^([^ :]*)(?::(\S*))?(?: (.*))?$/s.exec(text) ?? [];
  if (!isEncoder(kind)) {
    if (kind === 'msgpack') throw new RangeError('an encoder that tsuwsgi has (in the place of msgpack, use json)');
    throw new RangeError(`an encoder: ${ENCODERS.join(', ')}`);
  }
  return { kind, argument, logger: logger ?? null };
}

/** Warns about variables that uWSGI leaves out, too. */
export function cautionLogEncoder(text: string): string | undefined {
  // Also asked about what is none.
  const [, kind, argument = ''] = /^(format|json)(?::\S*)?(?: (.*))?$/s.exec(text) ?? [];
  if (kind === undefined) return undefined;
  if (argument === '') return `"${text}" makes every line empty; write what it is to be: ${kind} {"message":"\${msg}"}`;
  for (const [, name = ''] of argument.matchAll(/\$\{([^}]*)\}/g)) {
    if (!ENCODER_VARIABLES.some((known) => (known.endsWith(':') ? name.startsWith(known) : name === known)))
      return `"\${${name}}" is nothing; there are ${ENCODER_VARIABLES.map((known) => `\${${known}${known.endsWith(':') ? '%F %T' : ''}}`).join(', ')}`;
  }
  return undefined;
}

function isEncoder(kind: string): kind is EncoderKind {
  return ENCODERS.some((each) => each === kind);
}
