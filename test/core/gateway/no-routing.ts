import type { GatewaySettings } from '../../../src/core/plan/gateway-plan.ts';

/** Settings of a gateway that follows no rules. */
export const NO_ROUTING: Pick<GatewaySettings, 'routing' | 'headers' | 'errorPages'> = {
  routing: { rules: { request: [], error: [], response: [], final: [] }, collected: [] },
  headers: { added: [], removed: [] },
  errorPages: { '404': [], '500': [] },
};
