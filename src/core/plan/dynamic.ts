/** Applications that requests name: what they may name, and what is made of it. Looks at the file system, changes nothing. */
import { realpathSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { NamedApplicationError } from '../errors/named-application.ts';
import type { Options } from '../options/registry.ts';
import { chooseInterpreter } from './interpreter.ts';
import { isDynamic, type NamedApplication } from './named-application.ts';
import type { SitePlan } from './sites.ts';

/** What requests may name. */
export interface DynamicPlan {
  /** So many applications at the same time. */
  readonly most: number;
  /** Folders in one of which must be whatever a request names; none where it may be anywhere. */
  readonly roots: readonly string[];
  /** The server's own interpreter, for those that bring no virtual environment. */
  readonly interpreter: string;
}

/** @param interpreter the server's own */
export function planDynamic(options: Options, interpreter: string): DynamicPlan | undefined {
  if (!isDynamic(options)) return undefined;
  return { most: options.maxApps, roots: options.dynamicRoot, interpreter };
}

/**
 * What serves the application that a request names.
 *
 * @param number of the application in the log
 * @throws NamedApplicationError, VirtualenvError that say what the request may not name, or what is wrong with it
 */
export function planNamedSite(application: NamedApplication, { roots, interpreter }: DynamicPlan, number: number): SitePlan {
  const directory = resolve(application.directory ?? '');
  const virtualenv = application.virtualenv && resolve(directory, application.virtualenv);
  const { source } = application;
  checkPlace(directory, 'UWSGI_CHDIR', roots);
  if (virtualenv !== undefined) checkPlace(virtualenv, 'UWSGI_PYHOME', roots);
  if (source.kind === 'file') checkPlace(resolve(directory, source.path), 'UWSGI_FILE', roots);
  if (!statSync(directory).isDirectory()) throw NamedApplicationError.noFolder('UWSGI_CHDIR', directory);
  return {
    name: application.site,
    isNamed: true,
    warmups: [],
    mounted: [{ number, mountpoint: application.site, source, callable: application.callable }],
    interpreter:
      virtualenv === undefined
        ? interpreter
        : chooseInterpreter({ python: undefined, virtualenv, searchPath: '', directory, start: directory }),
    directory,
    touchReload: application.touchReload && resolve(directory, application.touchReload),
  };
}

/** Links do not lead out of the roots. */
function checkPlace(path: string, variable: string, roots: readonly string[]): void {
  const real = realPath(path);
  if (real === undefined) throw NamedApplicationError.missing(variable, path);
  const isWithin = roots.some((root) => {
    const folder = realPath(root);
    return folder !== undefined && (real === folder || real.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`));
  });
  if (roots.length > 0 && !isWithin) throw NamedApplicationError.outside(variable, path);
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
