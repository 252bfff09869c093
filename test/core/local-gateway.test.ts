import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalGateway } from '../../src/core/local-gateway.ts';
import type { GatewayPlan } from '../../src/core/plan/gateway-plan.ts';
import { within } from '../helpers/eventually.ts';

test('a gateway that cannot be made says why, and can be stopped', async () => {
  const plan = { scoreboard: { path: '/nowhere/scoreboard', slots: 1 } } as GatewayPlan;
  const gateway = new LocalGateway(plan, { line: () => undefined, event: () => undefined });
  await assert.rejects(gateway.ready, { code: 'TSU_GATEWAY', message: /no such file or directory/ });
  await within(5000, 'its end', gateway.stop('gracefully'));
});
