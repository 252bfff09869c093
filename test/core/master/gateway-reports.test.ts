import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_FIGURES } from '../../../src/core/master/gateway-figures.ts';
import { GatewayReports } from '../../../src/core/master/gateway-reports.ts';

test('what a gateway has done is not forgotten when another takes its place', () => {
  const reports = new GatewayReports();
  const answers = { file: 1, rule: 2, other: 3 };
  const told = { connections: 5, answers, responses: [0, 1], offloaded: 4, bytes: 60, refused: 7, waiting: [8, 0, 9], waitedUs: 30 };
  reports.hear({ type: 'figures', figures: told });
  assert.deepEqual(reports.figures, told);
  reports.end();
  assert.deepEqual(reports.figures, { ...told, connections: 0 });
  reports.hear({ type: 'figures', figures: { ...NO_FIGURES, answers, connections: 1, waiting: [1, 1, 1, 1], waitedUs: 5 } });
  assert.deepEqual(reports.figures, {
    ...told,
    connections: 1,
    answers: { file: 2, rule: 4, other: 6 },
    waiting: [9, 1, 10, 1],
    waitedUs: 35,
  });
});

test('nobody waits in a gateway that has ended', () => {
  const reports = new GatewayReports();
  reports.hear({ type: 'queues', queues: [{ site: '/a', length: 3, ageMs: 40 }] });
  assert.deepEqual(reports.queue('/a'), { length: 3, ageMs: 40 });
  reports.end();
  assert.deepEqual(reports.queue(), { length: 0, ageMs: 0 });
});

test('what is held up in a slot is told as it is', () => {
  const reports = new GatewayReports();
  reports.hear({ type: 'held-up', seat: 1, core: 0 });
  const heard: object[] = [];
  reports.onHeldUp = ({ seat, core }) => void heard.push({ seat, core });
  reports.hear({ type: 'held-up', seat: 4, core: 2 });
  assert.deepEqual(heard, [{ seat: 4, core: 2 }]);
});
