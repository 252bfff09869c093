import type { SitesSettings } from '../plan/gateway-plan.ts';
import { applicationNamedBy, type NamedApplication } from '../plan/named-application.ts';
import type { Destination } from './destination.ts';
import type { Receiver } from './receiver-chain.ts';
import type { RequestVariables } from './request-variables.ts';

/** Where requests go that were looked at. */
export interface SiteDoors {
  /** The workers of the site of this name. */
  readonly workersOf: (site: string) => Destination;
  /** Those of an application that a request names. */
  readonly workersFor: (application: NamedApplication) => Destination;
  /** Where there is no application for a request. */
  readonly nobody: Destination;
}

/**
 * Gives each request to the workers of its application, which is found as uWSGI finds it: by UWSGI_APPID, by SCRIPT_NAME, or with
 * `manage-script-name` by the mountpoint that its path begins with (its worker cuts the path); then, with `vhost`, by what it names itself.
 */
export function siteReceiver(settings: SitesSettings, { workersOf, workersFor, nobody }: SiteDoors): Receiver {
  const sites = new Map(settings.mounted.map(({ mountpoint, site }) => [mountpoint, site]));
  const mountpointOf = mountpointFinder(settings);
  return (variables) => {
    const mounted = sites.get(mountpointOf(variables));
    // Who gets what is for nobody else comes last.
    if (mounted !== undefined && mounted !== settings.otherwise) return workersOf(mounted);
    const named = settings.isDynamic ? applicationNamedBy((name) => variables.get(name)) : undefined;
    if (named !== undefined) return workersFor(named);
    return settings.otherwise === undefined ? nobody : workersOf(settings.otherwise);
  };
}

/** What a request is for, as far as it tells: a mountpoint, or whatever it says in the place of one. */
export function mountpointFinder({
  mounted,
  managesScriptName,
  ignoresScriptName,
}: SitesSettings): (variables: RequestVariables) => string {
  // The longest first: the nearest one is meant.
  const prefixes = mounted
    .flatMap(({ mountpoint }) => (mountpoint === '' ? [] : [mountpoint]))
    .sort((one, other) => other.length - one.length);
  const inPath = (path: string): string | undefined => prefixes.find((each) => path === each || path.startsWith(`${each}/`));
  return (variables) => {
    const id = variables.get('UWSGI_APPID');
    if (id !== '') return id;
    const prefix = managesScriptName ? inPath(variables.get('PATH_INFO')) : undefined;
    return prefix ?? (ignoresScriptName ? '' : variables.get('SCRIPT_NAME'));
  };
}
