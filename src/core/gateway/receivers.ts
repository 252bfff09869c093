import type { GatewaySettings } from '../plan/gateway-plan.ts';
import type { Receiver } from './reception.ts';

/** Those that look at requests before the workers, in the order in which they do. None where the plan wants nothing looked at. */
export function receiversFor(_settings: GatewaySettings): readonly Receiver[] {
  return [];
}
