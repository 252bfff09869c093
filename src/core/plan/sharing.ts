import { resolve } from 'node:path';
import { PlanError } from '../errors/plan.ts';
import type { Options } from '../options/registry.ts';
import { CACHE_DEFAULTS, type CacheOption, type FirstItemOption, type MetricOption, METRICS } from '../options/shared-option.ts';

/** What all workers of all generations have in common. */
export interface SharingPlan {
  /** The first one is for those who name none. Stores are absolute. */
  readonly caches: readonly CacheOption[];
  readonly firstItems: readonly FirstItemOption[];
  /** Undefined where there are none, not even those that the server counts. */
  readonly metrics: readonly MetricOption[] | undefined;
}

/**
 * @param directory where the server does its work
 * @throws PlanError when two have one name, or when something is for a cache that there is not
 */
export function planSharing(options: Options, directory: string): SharingPlan {
  const caches = [...defaultCache(options), ...options.cache2].map((cache) => ({
    ...cache,
    neverExpires: cache.neverExpires || options.cacheNoExpire,
    store: cache.store === undefined ? undefined : resolve(directory, cache.store),
  }));
  refuseTwice(
    'cache2',
    caches.map(({ name }) => name),
  );
  refuseTwice(
    'metric',
    options.metric.map(({ name }) => name),
  );
  refuseTwice(
    'store of cache2',
    caches.flatMap(({ store }) => store ?? []),
  );
  if (options.metric.length > METRICS.items) throw PlanError.tooManyMetrics(METRICS.items);
  const firstItems = [...options.loadFileInCache, ...options.addCacheItem].map((item) => placeItem(item, directory));
  for (const { cache, key } of firstItems)
    if (cache === undefined ? caches.length === 0 : !caches.some(({ name }) => name === cache)) throw PlanError.noCache(cache, key);
  return { caches, firstItems, metrics: options.enableMetrics || options.metric.length > 0 ? options.metric : undefined };
}

/** The older way to declare one. */
function defaultCache({ cache, cacheBlocksize, cacheStore }: Options): readonly CacheOption[] {
  if (cache === 0) return [];
  return [{ ...CACHE_DEFAULTS, name: 'default', items: cache, blocks: cache, blockSize: cacheBlocksize, store: cacheStore }];
}

function placeItem(item: FirstItemOption, directory: string): FirstItemOption {
  return 'path' in item ? { ...item, path: resolve(directory, item.path) } : item;
}

function refuseTwice(option: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw PlanError.sameName(option, twice);
}
