import { bytes, caches, count, firstItems, flag, metrics, path, seconds } from '../define.ts';
import { CACHE_DEFAULTS, parseFirstFile, parseFirstItem } from '../shared-option.ts';

/** What all workers have in common: the caches and metrics of the module uwsgi. */
export const sharing = {
  cache2: caches({
    metavar: 'KEY=VALUE,…',
    help: 'a cache that all workers share, for uwsgi.cache_get() and the like: name= and items=, and what else is in docs/caches.md',
    note: 'It outlives reloads. `node`, `sync` and `udp`, for caches of other servers, are refused.',
  }),

  cache: count({ default: 0, metavar: 'ITEMS', help: 'a cache named "default" of so many items' }),

  'cache-blocksize': bytes({ default: CACHE_DEFAULTS.blockSize, min: 1, help: 'largest value in the cache of `cache`' }),

  'cache-store': path({ impliesMaster: true, help: 'keep the cache of `cache` in this file, for the next start of the server' }),

  'cache-no-expire': flag({ help: 'what is in caches stays, whatever time it was given' }),

  'cache-store-sync': count({
    default: 0,
    support: 'accepted',
    help: 'write stores of caches to the disk this often',
    note: 'The system writes them, as it does any file.',
  }),

  'cache-expire-freq': seconds({
    default: 3,
    support: 'accepted',
    help: 'look this often for what has expired in caches',
    note: 'What has expired is not given out from that moment on; its place is used again when it is needed.',
  }),

  'cache-report-freed-items': flag({
    support: 'accepted',
    help: 'log what has expired in caches',
    note: 'The statistics tell how many items there are.',
  }),

  'cache-use-last-modified': flag({
    support: 'accepted',
    help: 'remember when a cache was changed last',
    note: 'Always so: `last_modified_at` of the statistics.',
  }),

  'add-cache-item': firstItems(parseFirstItem, {
    metavar: '[CACHE ]KEY=VALUE',
    help: 'put this into a cache at the start and at each reload; without a name into the first',
  }),

  'load-file-in-cache': firstItems(parseFirstFile, {
    metavar: '[CACHE ]PATH',
    help: 'the same with the content of a file; its key is the path',
  }),

  'enable-metrics': flag({
    impliesMaster: true,
    help: 'let uwsgi.metric_get() tell what the server counts',
    note: 'What it counts itself is listed in docs/caches.md.',
  }),

  metric: metrics({
    metavar: 'NAME|KEY=VALUE,…',
    impliesMaster: true,
    help: 'a number that all workers share, for uwsgi.metric_inc() and the like: NAME, or name=, type=, initial_value= and oid=',
    note: 'Without collectors, aliases and children.',
  }),
};
