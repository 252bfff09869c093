/**
 * `log-format`: a text with variables of the request, compiled once. Workers fill it in python/tsuwsgi/logformat.py, the gateway in
 * filled-line.ts.
 *
 *     %(uri)          a variable of uWSGI's (LOG_VARIABLES)
 *     %(var.NAME)     a variable of the request as the web server sent it: %(var.HTTP_X_REQUEST_ID)
 *     %(metric.NAME)  a metric's number
 *     %(anything)     what the application gave to uwsgi.set_logvar("anything", …)
 *
 * `%` means nothing elsewhere, and `%%` is two of them, as in uWSGI.
 */

/** Every variable of uWSGI's registry. */
export const LOG_VARIABLES = [
  ...(['uri', 'method', 'user', 'addr', 'host', 'proto', 'uagent', 'referer', 'status', 'rsize', 'hsize', 'size', 'cl'] as const),
  ...(['micros', 'msecs', 'secs', 'tmsecs', 'tmicros', 'time', 'ltime', 'ftime', 'ctime', 'epoch', 'pid', 'wid', 'switches'] as const),
  ...(['vars', 'core', 'vsz', 'rss', 'vszM', 'rssM', 'pktsize', 'modifier1', 'modifier2', 'headers', 'werr', 'rerr', 'ioerr'] as const),
] as const;

/** Of the default line, and nothing that a format could ask for: what is empty is shown as such there, and the address may be forwarded. */
export const LINE_VARIABLES = ['@app', '@req', '@user', '@addr', '@method', '@uri', '@proto', '@forwarded', '@host', '@via'] as const;

export type LogVariable = (typeof LOG_VARIABLES)[number] | (typeof LINE_VARIABLES)[number];

export type LogPart =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'variable'; readonly value: LogVariable; readonly isQuoted: boolean }
  | { readonly kind: 'var' | 'metric' | 'logvar'; readonly value: string; readonly isQuoted: boolean };

/** Which requests are logged where the others are not. 0 and false mean that this makes no difference. */
export interface LogSelection {
  readonly clientErrors: boolean;
  readonly serverErrors: boolean;
  readonly slowMs: number;
  readonly empty: boolean;
  readonly bigBytes: number;
  readonly files: boolean;
  readonly broken: boolean;
}

/** How requests are logged. */
export interface RequestLogSettings {
  readonly form: 'parts' | 'json';
  readonly parts: readonly LogPart[];
  /** %(ftime), in the signs of strftime(3). */
  readonly dateFormat: string;
  readonly selection: LogSelection;
}

/** `log-format = json`: no format but a form. */
export const JSON_FORMAT = 'json';

/** %(ltime), as web servers write it. */
export const WEB_SERVER_DATE = '%d/%b/%Y:%H:%M:%S %z';

const VARIABLE = /%\(((?:(?!%\()[^)])+)\)/g;

/** The parts of a format; whatever is no variable is text. */
export function compileFormat(format: string): LogPart[] {
  const parts: LogPart[] = [];
  let at = 0;
  let quotes = 0;
  for (const match of format.matchAll(VARIABLE)) {
    const text = format.slice(at, match.index);
    if (text !== '') parts.push({ kind: 'text', value: text });
    quotes += text.split('"').length - 1;
    parts.push(variablePart(match[1] ?? '', quotes % 2 === 1));
    at = match.index + match[0].length;
  }
  if (at < format.length) parts.push({ kind: 'text', value: format.slice(at) });
  return parts;
}

function variablePart(name: string, isQuoted: boolean): LogPart {
  if (name.startsWith('var.')) return { kind: 'var', value: name.slice('var.'.length), isQuoted };
  if (name.startsWith('metric.')) return { kind: 'metric', value: name.slice('metric.'.length), isQuoted };
  return isVariable(name) ? { kind: 'variable', value: name, isQuoted } : { kind: 'logvar', value: name, isQuoted };
}

function isVariable(name: string): name is (typeof LOG_VARIABLES)[number] {
  return (LOG_VARIABLES as readonly string[]).includes(name);
}

/** How the default line differs from what it is without options. */
interface LineChanges {
  readonly micros: boolean;
  /** The address is what X-Forwarded-For says, where it says something. */
  readonly forwarded: boolean;
  readonly memory: boolean;
  /** The line begins with the host that was asked for: `vhost`. */
  readonly host: boolean;
}

/**
 * uWSGI's own line (core/logging.c, uwsgi_log_request).
 *
 *     [pid: 12|app: 0|req: 1/9] 127.0.0.1 () {46 vars in 581 bytes} [Fri Nov 20 12:10:11 2026]
 *     GET /x => generated 11 bytes in 0 msecs (HTTP/1.1 200) 2 headers in 66 bytes (1 switches on core 0)     (one line)
 */
export function defaultLine({ micros, forwarded, memory, host }: LineChanges): LogPart[] {
  const memoryUsed = memory ? '{address space usage: %(vsz) bytes/%(vszM)MB} {rss usage: %(rss) bytes/%(rssM)MB} ' : '';
  const line =
    `${host ? '%(@host) ' : ''}${memoryUsed}[pid: %(pid)|app: %(@app)|req: %(@req)] %(${forwarded ? '@forwarded' : '@addr'}) (%(@user)) ` +
    '{%(vars) vars in %(pktsize) bytes} [%(ctime)] %(@method) %(@uri) => ' +
    `generated %(rsize) bytes in ${micros ? '%(micros) micros' : '%(msecs) msecs'}%(@via)(%(@proto) %(status)) ` +
    '%(headers) headers in %(hsize) bytes (%(switches) switches on core %(core))';
  return compileFormat(line).map((part) =>
    part.kind === 'logvar' ? { ...part, kind: 'variable', value: part.value as LogVariable } : part,
  );
}
