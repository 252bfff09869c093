import { PlanError } from '../errors/plan.ts';
import type { Options } from '../options/registry.ts';
import { pathOf } from '../options/warmup.ts';
import type { MountedApplication, Warmup } from '../wire/spawner-config.ts';

/** No application has this number. */
const NOBODY = -1;

/**
 * Which application each warm-up is for. The path says so, as it does with `manage-script-name`; without that the web server would, whom
 * nobody can ask here.
 *
 * @throws PlanError where nothing is mounted
 */
export function planWarmups(options: Options, mounted: readonly MountedApplication[]): readonly Warmup[] {
  return options.warmup.map((request) => {
    const path = pathOf(request);
    const { number, mountpoint } = nearest(path, mounted) ?? otherwise(mounted);
    const scriptName = asSent(mountpoint);
    if (isBelow(path, scriptName)) return { ...request, application: number, scriptName, pathInfo: path.slice(scriptName.length) };
    if (options.noDefaultApp) throw PlanError.warmupForNobody(request.text);
    return { ...request, application: number, scriptName: '', pathInfo: path };
  });
}

function nearest(path: string, mounted: readonly MountedApplication[]): MountedApplication | undefined {
  return mounted
    .filter(({ mountpoint }) => isBelow(path, asSent(mountpoint)))
    .toSorted((one, other) => other.mountpoint.length - one.mountpoint.length)[0];
}

/** The one that answers outside all mountpoints, as in uWSGI the first where none is the server's own. Without any, nobody is asked. */
function otherwise([first]: readonly MountedApplication[]): Pick<MountedApplication, 'number' | 'mountpoint'> {
  return first ?? { number: NOBODY, mountpoint: '' };
}

/** A client's bytes, a character for each. */
function asSent(mountpoint: string): string {
  return Buffer.from(mountpoint).toString('latin1');
}

function isBelow(path: string, mountpoint: string): boolean {
  return path === mountpoint || path.startsWith(`${mountpoint}/`);
}
