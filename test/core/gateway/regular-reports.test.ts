import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Counters } from '../../../src/core/gateway/counters.ts';
import { RegularReports } from '../../../src/core/gateway/regular-reports.ts';
import type { GatewayReport, SiteQueue } from '../../../src/core/plan/gateway-plan.ts';

/** Reports of a gateway in which all of this can change, and that has told how it began. */
function begun() {
  const reports: GatewayReport[] = [];
  const counters = new Counters();
  const connections = new Set<object>();
  const queues: SiteQueue[] = [];
  const regular = new RegularReports({ counters, dispatchers: { queuesAt: () => [...queues] }, connections }, (report) =>
    reports.push(report),
  );
  regular.tell(0);
  assert.deepEqual(
    reports.map(({ type }) => type),
    ['figures'],
  );
  /** What is told at a time. */
  const told = (now: number): GatewayReport[] => {
    reports.length = 0;
    regular.tell(now);
    return [...reports];
  };
  return { counters, connections, queues, told };
}

const WAITING = { site: '', length: 1, ageMs: 5 };
const EMPTY = { site: '', length: 0, ageMs: 0 };

describe('the master hears', () => {
  test('nothing of what has not changed', () => {
    const { queues, told } = begun();
    queues.push(EMPTY);
    assert.deepEqual(told(5000), []);
  });

  test('of what changes, at once after a while, and then once a second', () => {
    const { counters, told } = begun();
    counters.refused();
    assert.deepEqual(told(999), []);
    const [report] = told(1000);
    assert.ok(report?.type === 'figures');
    assert.equal(report.figures.refused, 1);
    counters.refused();
    assert.deepEqual(told(1999), []);
    assert.equal(told(2000).length, 1);
  });

  test('how many clients are connected when that is all that has changed', () => {
    const { connections, told } = begun();
    connections.add({});
    const [report] = told(1000);
    assert.ok(report?.type === 'figures');
    assert.equal(report.figures.connections, 1);
    assert.deepEqual(told(2000), []);
  });

  test('of queues as long as something waits, and once that nothing does', () => {
    const { queues, told } = begun();
    queues.push(WAITING);
    for (const now of [1000, 2000]) assert.deepEqual(told(now), [{ type: 'queues', queues: [WAITING] }]);
    queues[0] = EMPTY;
    assert.deepEqual(told(3000), [{ type: 'queues', queues: [EMPTY] }]);
    assert.deepEqual(told(4000), []);
  });
});
