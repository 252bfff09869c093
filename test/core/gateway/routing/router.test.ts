import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GatewaySettings } from '../../../../src/core/plan/gateway-plan.ts';
import { parseRule } from '../../../../src/core/routing/parse-rule.ts';
import { NO_ROUTING } from '../no-routing.ts';
import { RunningGateway } from '../running-gateway.ts';

type Routing = Pick<GatewaySettings, 'routing' | 'headers' | 'errorPages'>;

const { rules: NO_RULES } = NO_ROUTING.routing;

function routing(rules: Partial<GatewaySettings['routing']['rules']>, rest: Partial<GatewaySettings['routing']> = {}): Routing {
  return { ...NO_ROUTING, routing: { collected: [], ...rest, rules: { ...NO_RULES, ...rules } } };
}

describe('a gateway with rules', () => {
  test('answers without a worker, and counts its answers in the log', async (t) => {
    const running = await RunningGateway.start(t, routing({ request: [parseRule('route', '^/a redirect:/b')] }));
    const client = await running.client();
    for (const _ of [1, 2]) assert.equal((await client.request('/a')).header('location'), '/b');
    assert.deepEqual(
      running.lines.map((line) => /req: -1\/\d+/.exec(line)?.[0]),
      ['req: -1/1', 'req: -1/2'],
    );
  });

  test('follows others when it is told to, also on connections that are there', async (t) => {
    const running = await RunningGateway.start(t, routing({ request: [parseRule('route-run', 'redirect:/one')] }));
    const client = await running.client();
    assert.equal((await client.request('/')).header('location'), '/one');
    running.gateway.handle({
      type: 'settings',
      settings: { ...running.plan, ...routing({ request: [parseRule('route-run', 'redirect:/two')] }) },
    });
    assert.equal((await client.request('/')).header('location'), '/two');
  });

  test('answers in the place of a worker, and passes over what that still says', async (t) => {
    const rules = { response: [parseRule('response-route-run', 'return:410')] };
    const running = await RunningGateway.start(t, routing(rules));
    const slot = running.slot();
    const client = await running.client();
    client.send('/');
    const request = await slot.next();
    slot.respond(request.id, { body: 'a piece', flags: 0 });
    assert.equal((await client.response()).status, 410);
    slot.more(request.id, ' and more');
    slot.end(request.id);
    client.send('/');
    const next = await slot.next();
    slot.respond(next.id);
    assert.equal((await client.response()).status, 410);
    assert.notEqual(next.id, request.id);
  });
});
