import { PlanError } from '../errors/plan.ts';
import type { Options } from '../options/registry.ts';
import type { MountedApplication, Warmup } from '../wire/spawner-config.ts';
import { isDynamic } from './named-application.ts';
import type { SitesSettings } from './gateway-plan.ts';
import { planMounted } from './mounted.ts';
import { planWarmups } from './warmups.ts';

/** Applications that share an interpreter: a pool of workers of their own. */
export interface SitePlan {
  /** What it is known by, also across reloads: the mountpoint of its first application. */
  readonly name: string;
  /** Empty with `need-app = false` and no application named: every request is answered 500. */
  readonly mounted: readonly MountedApplication[];
  /** What they are asked for before they serve. */
  readonly warmups: readonly Warmup[];
  /** Path of the Python that runs it. */
  readonly interpreter: string;
  /** A request has named it. */
  readonly isNamed?: true;
  /** Where it is loaded and runs; undefined where the server does. */
  readonly directory?: string | undefined;
  /** A file: when it is touched, the site is reloaded. */
  readonly touchReload?: string | undefined;
}

/**
 * Who runs the applications of the options: each is a site of its own, unless `single-interpreter` puts them together.
 *
 * @param interpreter path of the Python that runs them
 * @throws PlanError where there is none, two have the same mountpoint, or a warm-up is for none of them
 */
export function planSites(options: Options, interpreter: string): readonly SitePlan[] {
  const mounted = planMounted(options);
  if (mounted.length === 0 && isDynamic(options)) return [];
  if (mounted.length === 0 && options.needApp) throw PlanError.noApplication();
  const groups = options.singleInterpreter || mounted.length === 0 ? [mounted] : mounted.map((each) => [each]);
  const warmups = planWarmups(options, mounted);
  return groups.map((group) => ({
    name: group[0]?.mountpoint ?? '',
    mounted: group,
    warmups: warmups.filter(({ application }) => group.some(({ number }) => number === application)),
    interpreter,
  }));
}

/** How the gateway tells which of them a request is for. Outside all mountpoints it is, as in uWSGI, for the application without one, or for the first. */
export function planSiteChoice(sites: readonly SitePlan[], options: Options): SitesSettings {
  const mounted = sites.flatMap(({ name, mounted }) => mounted.map(({ mountpoint }) => ({ mountpoint, site: name })));
  const own = mounted.find(({ mountpoint }) => mountpoint === '') ?? mounted[0];
  return {
    mounted,
    managesScriptName: options.manageScriptName,
    ignoresScriptName: options.ignoreScriptName,
    isDynamic: isDynamic(options),
    otherwise: own?.site ?? sites[0]?.name,
  };
}
