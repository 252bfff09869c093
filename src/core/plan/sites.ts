import type { Options } from '../options/registry.ts';
import type { MountedApplication } from '../wire/spawner-config.ts';
import type { SitesSettings } from './gateway-plan.ts';
import { planMounted } from './mounted.ts';

/** Applications that share an interpreter: a pool of workers of their own. */
export interface SitePlan {
  /** What it is known by, also across reloads: the mountpoint of its first application. */
  readonly name: string;
  /** Empty with `need-app = false` and no application named: every request is answered 500. */
  readonly mounted: readonly MountedApplication[];
  /** Path of the Python that runs it. */
  readonly interpreter: string;
}

/**
 * Who runs the applications of the options: each is a site of its own, unless `single-interpreter` puts them together.
 *
 * @param interpreter path of the Python that runs them
 * @throws as `planMounted`
 */
export function planSites(options: Options, interpreter: string): readonly SitePlan[] {
  const mounted = planMounted(options);
  const groups = options.singleInterpreter || mounted.length === 0 ? [mounted] : mounted.map((each) => [each]);
  return groups.map((group) => ({ name: group[0]?.mountpoint ?? '', mounted: group, interpreter }));
}

/** How the gateway tells which of them a request is for. Outside all mountpoints it is, as in uWSGI, for the application without one, or for the first. */
export function planSiteChoice(sites: readonly SitePlan[], { manageScriptName }: Options): SitesSettings {
  const mounted = sites.flatMap(({ name, mounted }) => mounted.map(({ mountpoint }) => ({ mountpoint, site: name })));
  const own = mounted.find(({ mountpoint }) => mountpoint === '') ?? mounted[0];
  return { mounted, managesScriptName: manageScriptName, otherwise: own?.site ?? '' };
}
