/**
 * The values that declare what workers share: caches, what is in them from the start, and metrics. uWSGI writes them as `name=pages,items=1000`.
 */

/** A cache as it was declared. Sizes are bytes. */
export interface CacheOption {
  readonly name: string;
  readonly items: number;
  readonly blocks: number;
  readonly blockSize: number;
  readonly keySize: number;
  readonly buckets: number;
  /** Values may take several blocks. */
  readonly spansBlocks: boolean;
  /** Undefined keeps it in memory. */
  readonly store: string | undefined;
  /** A store of other sizes is made anew. */
  readonly storeDelete: boolean;
  readonly whenFull: 'refuse' | 'purge' | 'clear';
  readonly neverExpires: boolean;
  readonly isQuiet: boolean;
  /** What a number is counted from. */
  readonly firstNumber: number;
}

/** What is in a cache from the start; without a name it is for the first one. */
export type FirstItemOption =
  | { readonly cache: string | undefined; readonly key: string; readonly value: string }
  | { readonly cache: string | undefined; readonly key: string; readonly path: string };

/** A metric as it was declared. */
export interface MetricOption {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'absolute';
  readonly oid: string;
  readonly initial: number;
}

/** uWSGI's sizes where none are given. */
export const CACHE_DEFAULTS = {
  blockSize: 65_536,
  keySize: 2048,
  buckets: 65_536,
  spansBlocks: false,
  store: undefined,
  storeDelete: false,
  whenFull: 'refuse',
  neverExpires: false,
  isQuiet: false,
  firstNumber: 0,
} as const;

/** The name of each key, by its spellings. */
const CACHE_KEYS: Readonly<Record<string, readonly string[]>> = {
  name: ['name'],
  items: ['items', 'max_items', 'maxitems'],
  blocks: ['blocks'],
  blocksize: ['blocksize'],
  keysize: ['keysize', 'key_size'],
  hashsize: ['hashsize', 'hash_size'],
  bitmap: ['bitmap'],
  store: ['store'],
  store_delete: ['store_delete', 'storedelete'],
  purge_lru: ['purge_lru', 'lru'],
  clear_on_full: ['clear_on_full'],
  no_expire: ['no_expire'],
  ignore_full: ['ignore_full'],
  math_initial: ['math_initial'],
};

/** What they ask for is always so: how keys are hashed and files are written is ours, and what has expired is never given out. */
const NEEDLESS = ['hash', 'store_sync', 'storesync', 'lazy', 'lazy_expire', 'sweep_on_full', 'use_last_modified', 'lastmod'];
const OF_OTHER_SERVERS = ['nodes', 'node', 'sync', 'udp', 'udp_server', 'udp_servers', 'udpserver', 'udpservers'];

/** Its file has the name in its own. */
const LONGEST_NAME = 60;
/** A metric's name is a key of this size; so many are there room for. */
export const METRICS = { items: 1024, keySize: 256 } as const;
const MOST = 2 ** 31;

/**
 * Reads `name=pages,items=1000,blocksize=4096`.
 *
 * @throws RangeError that says what is expected
 */
export function parseCache(text: string): CacheOption {
  const values = readKeys(text, CACHE_KEYS, {
    needless: NEEDLESS,
    refused: OF_OTHER_SERVERS,
    why: 'caches of other servers are not reached',
  });
  const name = values.get('name') ?? '';
  if (!/^[^@\s/]+$/.test(name) || encodeURIComponent(name).length > LONGEST_NAME)
    throw new RangeError(`name=NAME,items=N with a short name, without "@", "/" and blanks`);
  if (!values.has('items')) throw new RangeError('name=NAME,items=N: how many items there may be');
  const items = readSize(values, 'items', { default: 0, min: 1 });
  const blocks = readSize(values, 'blocks', { default: items, min: 1 });
  if (blocks < items) throw new RangeError(`blocks=${items} or more, since each of the items takes a block`);
  return {
    name,
    items,
    blocks,
    blockSize: readSize(values, 'blocksize', { default: CACHE_DEFAULTS.blockSize, min: 1 }),
    keySize: readSize(values, 'keysize', { default: CACHE_DEFAULTS.keySize, min: 1 }),
    buckets: readSize(values, 'hashsize', { default: CACHE_DEFAULTS.buckets, min: 1 }),
    spansBlocks: readSwitch(values, 'bitmap'),
    store: values.get('store'),
    storeDelete: readSwitch(values, 'store_delete'),
    whenFull: whenFull(values),
    neverExpires: readSwitch(values, 'no_expire'),
    isQuiet: readSwitch(values, 'ignore_full'),
    firstNumber: readSize(values, 'math_initial', { default: 0, min: 0 }),
  };
}

/** Emptied is emptied: uWSGI, too, looks at that first. */
function whenFull(values: ReadonlyMap<string, string>): CacheOption['whenFull'] {
  if (readSwitch(values, 'clear_on_full')) return 'clear';
  return readSwitch(values, 'purge_lru') ? 'purge' : 'refuse';
}

/**
 * Reads `[CACHE ]KEY=VALUE`.
 *
 * @throws RangeError that says what is expected
 */
export function parseFirstItem(text: string): FirstItemOption {
  const [, cache, key, value] = /^(?:([^\s=]+) )?([^=]+)=(.+)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new RangeError('[CACHE ]KEY=VALUE');
  return { cache, key, value };
}

/**
 * Reads `[CACHE ]PATH`: the path is the key.
 *
 * @throws RangeError that says what is expected
 */
export function parseFirstFile(text: string): FirstItemOption {
  const [, cache, path] = /^(?:(\S+) )?(\S+)$/.exec(text) ?? [];
  if (path === undefined) throw new RangeError('[CACHE ]PATH');
  return { cache, key: path, path };
}

const METRIC_KEYS: Readonly<Record<string, readonly string[]>> = {
  name: ['name'],
  type: ['type'],
  oid: ['oid'],
  initial_value: ['initial_value'],
};
const COLLECTED = ['alias', 'collector', 'children', 'arg1', 'arg2', 'arg3', 'arg1n', 'arg2n', 'arg3n'];
const METRIC_TYPES = ['counter', 'gauge', 'absolute'] as const;

/**
 * Reads `NAME`, or `name=jobs,type=gauge,initial_value=5`.
 *
 * @throws RangeError that says what is expected
 */
export function parseMetric(text: string): MetricOption {
  const values = readKeys(text.includes('=') ? text : `name=${text}`, METRIC_KEYS, {
    needless: ['freq', 'reset_after_push'],
    refused: COLLECTED,
    why: 'a metric is what the application makes of it with uwsgi.metric_set() and the like',
  });
  const name = values.get('name') ?? '';
  if (!/^[\w.-]+$/.test(name) || name.length > METRICS.keySize) throw new RangeError('NAME or name=NAME,…, of letters, digits and "._-"');
  const type = METRIC_TYPES.find((each) => each === (values.get('type') ?? 'counter'));
  if (type === undefined) throw new RangeError(`type=${METRIC_TYPES.join(', type=')} for a metric`);
  return { name, type, oid: values.get('oid') ?? '', initial: readSize(values, 'initial_value', { default: 0, min: 0 }) };
}

interface OtherKeys {
  /** Known to uWSGI; nothing need be done for them. */
  readonly needless: readonly string[];
  /** Known to uWSGI, and not here. */
  readonly refused: readonly string[];
  readonly why: string;
}

function readKeys(text: string, keys: Readonly<Record<string, readonly string[]>>, others: OtherKeys): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const pair of text.split(',')) {
    const [, written = '', value = ''] = /^\s*([^=]*?)(?:=(.*))?$/s.exec(pair) ?? [];
    const key = Object.keys(keys).find((each) => keys[each]?.includes(written));
    if (key !== undefined) values.set(key, value);
    else if (others.refused.includes(written)) throw new RangeError(`no "${written}=": ${others.why}`);
    else if (!others.needless.includes(written)) throw new RangeError(`one of ${Object.keys(keys).join('=, ')}= instead of "${written}"`);
  }
  return values;
}

/** A number of things or bytes: `1000`, `64K`. */
function readSize(values: ReadonlyMap<string, string>, key: string, bounds: { default: number; min: number }): number {
  const text = values.get(key);
  if (text === undefined) return bounds.default;
  const [, digits = '', suffix = ''] = /^(\d{1,10})([KMG]?)$/i.exec(text) ?? [];
  const size = digits === '' ? NaN : Number(digits) * 1024 ** ['', 'K', 'M', 'G'].indexOf(suffix.toUpperCase());
  if (size >= bounds.min && size < MOST) return size;
  throw new RangeError(`${key}=N with a whole number from ${bounds.min}, such as 1000 or 64K`);
}

function readSwitch(values: ReadonlyMap<string, string>, key: string): boolean {
  const text = values.get(key);
  return text !== undefined && !/^(0|false|no|off)$/i.test(text);
}
