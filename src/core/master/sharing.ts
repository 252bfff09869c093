import { closeSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CacheOption } from '../options/shared-option.ts';
import type { SharingPlan } from '../plan/sharing.ts';
import { readCacheFigures, readNumbers } from '../stats/shared-table.ts';
import type { SharingSnapshot } from '../stats/snapshot.ts';
import type { SharedCache, SharedConfig } from '../wire/shared-config.ts';
import type { Resources } from './resources.ts';

type Place = Pick<Resources, 'directory' | 'children'>;

const PREFIX = 'cache-';

/**
 * Where the caches and metrics of a plan are. Files in the runtime directory last as long as the server, so a generation finds what the one before has
 * left, unless its sizes are others: these are in the names.
 */
export function placeSharing({ caches, firstItems, metrics }: SharingPlan, place: Place): SharedConfig {
  const config: SharedConfig = {
    caches: caches.map((cache) => placeCache(cache, place)),
    firstItems: firstItems.map((item) => ({ ...item, cache: item.cache ?? null })),
    metrics: metrics === undefined ? null : { path: metricsPath(place), declared: metrics.map(({ name, initial }) => ({ name, initial })) },
  };
  for (const cache of config.caches) if (!cache.isKept) make(cache.path, place);
  if (config.metrics !== null) make(config.metrics.path, place);
  return config;
}

/** Takes away what no cache of the plan has any more, after a reload. Workers that still use it have it open. */
export function removeUnused({ caches }: SharingPlan, place: Place): void {
  const used = caches.map((cache) => pathOf(cache, place));
  const paths = readdirSync(place.directory.path).map((name) => join(place.directory.path, name));
  for (const path of paths) if (basename(path).startsWith(PREFIX) && !used.includes(path)) rmSync(path, { force: true });
}

/** What is in them now. */
export function takeSharing({ caches, metrics }: SharingPlan, place: Place): SharingSnapshot {
  const numbers = metrics === undefined || metrics.length === 0 ? new Map<string, number>() : readNumbers(metricsPath(place));
  return {
    caches: caches.map((cache) => ({ ...cache, figures: readCacheFigures(pathOf(cache, place)) })),
    metrics: metrics?.map(({ name, type, oid, initial }) => ({ name, type, oid, value: numbers.get(name) ?? initial })),
  };
}

function placeCache(cache: CacheOption, place: Place): SharedCache {
  const { store, storeDelete, ...rest } = cache;
  return { ...rest, path: pathOf(cache, place), isKept: store !== undefined, replaces: storeDelete };
}

function pathOf({ store, name, items, blocks, blockSize, keySize, buckets }: CacheOption, { directory }: Place): string {
  return store ?? join(directory.path, PREFIX + [encodeURIComponent(name), items, blocks, blockSize, keySize, buckets].join('-'));
}

function metricsPath({ directory }: Place): string {
  return join(directory.path, 'metrics');
}

/** Empty: a spawner makes of it what it is to be. The directory is not the children's, but this is. */
function make(path: string, { children }: Place): void {
  closeSync(openSync(path, 'a', 0o600));
  children.share(path);
}
