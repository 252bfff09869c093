import type { GatewayListener, GatewaySettings } from '../plan/gateway-plan.ts';
import type { Receiver } from './reception.ts';
import { sendToHttps } from './to-https.ts';

/** Those that look at requests before the workers, in the order in which they do. None where the plan wants nothing looked at. */
export function receiversFor(_settings: GatewaySettings, { option }: GatewayListener): readonly Receiver[] {
  return option === 'http-to-https' ? [sendToHttps] : [];
}
