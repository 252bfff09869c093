import type { Log } from '../log/log.ts';
import type { ApplicationSource, MountedApplication } from '../wire/spawner-config.ts';

/** What a spawner says when it has imported the applications. */
export interface Loaded {
  /** Of the modules, in the order of the plan; empty for one that could not be imported. */
  readonly names: readonly string[];
  /** For all of them. */
  readonly seconds: number;
  /** For each; empty where each worker imports them. */
  readonly times: readonly number[];
}

/** What it was to import. */
export interface Loading {
  readonly mounted: readonly MountedApplication[];
  readonly lazy: boolean;
}

export function announceLoaded(log: Log, { mounted, lazy }: Loading, { names, seconds }: Loaded): void {
  if (mounted.length === 0) log.line('no application: every request is answered 500');
  for (const [index, { source, mountpoint }] of mounted.entries()) {
    const name = names[index] ?? '';
    const what = `${labelOf(source)}${source.kind === 'file' && name !== '' ? ` (${name})` : ''}${mountpoint === '' ? '' : ` at ${mountpoint}`}`;
    if (name === '') log.line(`no application ${what}: its requests are answered 500`);
    else log.line(`application ${what} ${lazy ? 'is loaded by each worker' : `loaded in ${seconds.toFixed(2)} s`}`);
  }
}

function labelOf(source: ApplicationSource): string {
  switch (source.kind) {
    case 'file':
      return source.path;
    case 'module':
      return source.name;
    case 'eval':
      return 'of eval';
    case 'paste':
      return source.uri;
  }
}
