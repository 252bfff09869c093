/** Where statistics are sent: the values of `stats-push` and `carbon`. */

/** A host and a port that somebody else listens on. */
export interface Receiver {
  readonly host: string;
  readonly port: number;
}

export type PushTarget =
  /** In UDP datagrams, each name behind the prefix. `dogstatsd` has tags where the others have numbers in the names. */
  | ({ readonly kind: 'statsd' | 'dogstatsd' | 'socket'; readonly prefix: string } & Receiver)
  /** The document is put behind what is there. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly separator: string;
      /** Undefined is that of stats-pusher-default-freq. */
      readonly everySeconds: number | undefined;
    };

/** uWSGI's, where none is given. */
const DEFAULT_PREFIX = 'uwsgi';
const DEFAULT_FILE = 'uwsgi.stats';

const NOT_HERE: Readonly<Record<string, string>> = {
  carbon: 'the option carbon: carbon = HOST:PORT',
  mongodb: 'statsd, or a collector that reads /metrics of stats-http',
  rrdtool: 'carbon, or a collector that reads /metrics of stats-http',
  zabbix: 'the agent of Zabbix, which reads /metrics of stats-http (item type Prometheus)',
};

/**
 * Reads `statsd:HOST:PORT[,PREFIX]`, `dogstatsd:…`, `socket:…` (the same), or `file:path=PATH[,freq=SECONDS][,separator=TEXT]`.
 *
 * @throws RangeError that says what it should be
 */
export function parsePush(value: string): PushTarget {
  const [, kind = '', rest = ''] = /^(\w+):?(.*)$/s.exec(value) ?? [];
  switch (kind) {
    case 'statsd':
    case 'dogstatsd':
    case 'socket': {
      const [address = '', prefix = DEFAULT_PREFIX] = rest.split(/,(.+)/s);
      return { kind, ...parseReceiver(address), prefix };
    }
    case 'file':
      return parseFile(rest);
    default:
      throw new RangeError(NOT_HERE[kind] ?? 'statsd:HOST:PORT, dogstatsd:HOST:PORT, socket:HOST:PORT or file:path=PATH');
  }
}

/**
 * Reads `HOST:PORT`.
 *
 * @throws RangeError that says so
 */
export function parseReceiver(value: string): Receiver {
  const [, bracketed, host = bracketed, digits = ''] = /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(value) ?? [];
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) throw new RangeError('the HOST:PORT where somebody listens');
  return { host, port };
}

/** uWSGI takes no notice of a path without its key; we mean what was meant. */
function parseFile(text: string): PushTarget {
  if (text === '' || text === 'path=') throw new RangeError('file:path=PATH');
  const pairs = new Map((text.includes('=') ? text : `path=${text}`).split(',').map(splitPair));
  for (const key of pairs.keys())
    if (!['path', 'freq', 'separator'].includes(key)) throw new RangeError('file: with path=, freq= and separator=');
  const freq = pairs.get('freq');
  if (freq !== undefined && !/^[1-9]\d{0,5}$/.test(freq)) throw new RangeError('a freq of whole seconds, 1 or more');
  return {
    kind: 'file',
    path: pairs.get('path') ?? DEFAULT_FILE,
    separator: pairs.get('separator') ?? '\n\n',
    everySeconds: freq === undefined ? undefined : Number(freq),
  };
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}
