import type { Options } from '../options/registry.ts';

/** How many gateways there are, and how many were asked for. */
export interface GatewayCount {
  readonly count: number;
  readonly asked: number;
}

/**
 * Each gateway needs a slot of its own of each site, and only a master can start more than one. uWSGI has no such bounds, so what is too
 * many for a config file that comes from there is lowered and not refused.
 */
export function planGateways({ gateways, httpProcesses, master, processes, threads }: Options): GatewayCount {
  const asked = Math.max(1, gateways || httpProcesses);
  return { asked, count: Math.min(asked, master ? processes * threads : 1) };
}
