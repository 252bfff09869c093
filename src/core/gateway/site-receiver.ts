import type { SitesSettings } from '../plan/gateway-plan.ts';
import type { Destination } from './destination.ts';
import type { Receiver } from './reception.ts';
import type { RequestVariables } from './request-variables.ts';

/**
 * Gives each request to the workers of its application, which is found as uWSGI finds it: by UWSGI_APPID, by SCRIPT_NAME, or with
 * `manage-script-name` by the mountpoint that its path begins with. Its worker cuts the path.
 *
 * @param workersOf where the requests for the site of this name go
 */
export function siteReceiver({ mounted, managesScriptName, otherwise }: SitesSettings, workersOf: (site: string) => Destination): Receiver {
  const sites = new Map(mounted.map(({ mountpoint, site }) => [mountpoint, site]));
  // The longest first: the nearest one is meant.
  const prefixes = mounted
    .flatMap(({ mountpoint }) => (mountpoint === '' ? [] : [mountpoint]))
    .sort((one, other) => other.length - one.length);
  const scriptName = (variables: RequestVariables): string => {
    const path = variables.get('PATH_INFO');
    const prefix = managesScriptName ? prefixes.find((each) => path === each || path.startsWith(`${each}/`)) : undefined;
    return prefix ?? variables.get('SCRIPT_NAME');
  };
  return (variables) => workersOf(sites.get(variables.get('UWSGI_APPID') || scriptName(variables)) ?? otherwise);
}
