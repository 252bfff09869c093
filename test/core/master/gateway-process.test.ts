import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { GatewayProcess } from '../../../src/core/master/gateway-process.ts';
import type { GatewayPlan } from '../../../src/core/plan/gateway-plan.ts';
import type { Log } from '../../../src/core/log/log.ts';
import { within } from '../../helpers/eventually.ts';
import { onEnd } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

const MEGABYTE = 2 ** 20;
/** Holds the last so many requests, each for as long as the others take, and tells how much room V8 makes for what is young. */
const CROWD = `
import { getHeapSpaceStatistics } from 'node:v8';
const waiting = [];
for (let request = 0; request < 3_000_000; request++) waiting[request % 100_000] = { request, head: { request }, body: { request } };
const { space_size } = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
process.send({ type: 'failed', message: String(space_size) });
`;

test('thousands of requests that wait at a gateway have room among what is young', async (t) => {
  const entry = join(tempDir(t), 'crowd.mjs');
  writeFileSync(entry, CROWD);
  // Of the plan it takes only the descriptors that its process inherits.
  const plan = { number: undefined, slotsFd: 2, listeners: [] } as Partial<GatewayPlan> as GatewayPlan;
  const gateway = new GatewayProcess(entry, plan, { log: {} as Log, output: { fd: 2 }, prefix: [] });
  onEnd(t, () => {
    void gateway.stop('now');
    if (gateway.pid !== undefined) process.kill(gateway.pid, 'SIGKILL');
  });
  const said = await within(
    20_000,
    'what it says',
    gateway.ready.then(
      () => '',
      (error: unknown) => String(error),
    ),
  );
  const size = Number(/\d+/.exec(said)?.[0]);
  assert.ok(size > 40 * MEGABYTE, `${said}: V8's own limit is 2 × 16 MB`);
});
