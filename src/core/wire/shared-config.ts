/** What a spawner is told of what all workers share; python/tsuwsgi/api/cache_config.py reads it. */
export interface SharedConfig {
  readonly caches: readonly SharedCache[];
  readonly firstItems: readonly SharedItem[];
  /** Null where metrics are not enabled. */
  readonly metrics: { readonly path: string; readonly declared: readonly { readonly name: string; readonly initial: number }[] } | null;
}

/** A cache and the file that it is. Sizes are bytes. */
export interface SharedCache {
  readonly name: string;
  readonly path: string;
  readonly items: number;
  readonly blocks: number;
  readonly blockSize: number;
  readonly keySize: number;
  readonly buckets: number;
  readonly spansBlocks: boolean;
  readonly whenFull: 'refuse' | 'purge' | 'clear';
  readonly neverExpires: boolean;
  readonly firstNumber: number;
  /** Its file may be from a server before this one; of other sizes, it is made anew or refused. */
  readonly isKept: boolean;
  readonly replaces: boolean;
  readonly isQuiet: boolean;
}

/** What is in a cache from the start: a text or the content of a file. Null is the first cache. */
export interface SharedItem {
  readonly cache: string | null;
  readonly key: string;
  readonly value?: string;
  readonly path?: string;
}
