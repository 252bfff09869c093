/** Where statistics are sent: the values of `stats-push`. */
import { readPairs } from './pair.ts';
import { type Receiver, receiverIn } from './receiver.ts';

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

const FILE_FORM = 'file: with path=, freq= and separator=';
const FORMS = 'statsd:HOST:PORT, dogstatsd:HOST:PORT, socket:HOST:PORT or file:path=PATH';

/** Those of uWSGI that are none here, and what serves instead. */
const INSTEAD: Readonly<Record<string, string>> = {
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
      const receiver = receiverIn(address);
      if (receiver === undefined) throw new RangeError(`${kind}:HOST:PORT[,PREFIX]`);
      return { kind, ...receiver, prefix };
    }
    case 'file':
      return parseFile(rest);
    default:
      throw new RangeError(INSTEAD[kind] === undefined ? FORMS : `${FORMS} (in the place of ${kind}, use ${INSTEAD[kind]})`);
  }
}

/** uWSGI takes no notice of a path without its key; we mean what was meant. */
function parseFile(text: string): PushTarget {
  if (text === '' || text === 'path=') throw new RangeError('file:path=PATH');
  const pairs = readPairs(text.includes('=') ? text : `path=${text}`, ['path', 'freq', 'separator'], FILE_FORM);
  const freq = pairs.get('freq');
  if (freq !== undefined && !/^[1-9]\d{0,5}$/.test(freq)) throw new RangeError('a freq of whole seconds, 1 or more');
  return {
    kind: 'file',
    path: pairs.get('path') ?? DEFAULT_FILE,
    separator: pairs.get('separator') ?? '\n\n',
    everySeconds: freq === undefined ? undefined : Number(freq),
  };
}
