import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyStatsDocument } from '../../src/core/stats/document.ts';
import { changeBetween } from '../../src/top/change.ts';
import { documentWith, sampleOf, workerWith } from '../helpers/documents.ts';

/** Two seconds apart. */
function change(before: AnyStatsDocument | undefined, now: AnyStatsDocument) {
  return changeBetween(sampleOf(now, 12), before && sampleOf(before, 10));
}

const gateway = (keys: object) => ({ static_requests: 0, routed_requests: 0, other_requests: 0, tx: 0, ...keys });

describe('rates', () => {
  test('are differences of counters by the seconds between them', () => {
    const { total, averageUs } = change(
      documentWith({ workers: [workerWith(1, { requests: 10, tx: 100, running_time: 50 }), workerWith(2, { requests: 5 })] }),
      documentWith({ workers: [workerWith(1, { requests: 14, tx: 300, running_time: 650 }), workerWith(2, { requests: 7 })] }),
    );
    assert.deepEqual([total, averageUs], [{ requests: 3, bytes: 100, failures: undefined }, 100]);
  });

  test('are unknown before there are two documents', () => {
    const now = documentWith({ workers: [workerWith(1, { requests: 14 })], responses: { '5xx': 3 } });
    const { total, averageUs, worker } = change(undefined, now);
    assert.deepEqual([total, averageUs], [{ requests: undefined, bytes: undefined, failures: undefined }, undefined]);
    assert.equal(now.workers[0] && worker(now.workers[0]), undefined);
  });

  test('of a counter that fell count from nothing', () => {
    const now = documentWith({ workers: [workerWith(1, { requests: 4 })] });
    const { total, worker } = change(documentWith({ workers: [workerWith(1, { requests: 100 })] }), now);
    assert.deepEqual([total.requests, now.workers[0] && worker(now.workers[0])], [2, 2]);
  });

  test('of a server that was started anew count from nothing, whatever it has counted before', () => {
    const before = documentWith({ pid: 7, workers: [workerWith(1, { requests: 100 })] });
    assert.equal(change(before, documentWith({ pid: 8, workers: [workerWith(1, { requests: 104 })] })).total.requests, 52);
    const started = (at: number) => documentWith({ pid: 7, started_at: at, workers: [workerWith(1, { requests: 100 + at })] });
    assert.equal(change(started(4), started(8)).total.requests, 54);
  });

  test('of a worker that was not there before count from nothing', () => {
    const before = documentWith({ workers: [workerWith(1, { requests: 100 })] });
    const now = documentWith({ workers: [workerWith(1, { requests: 100 }), workerWith(2, { requests: 8 })] });
    assert.equal(change(before, now).total.requests, 4);
  });

  test('are those of cores and of applications, too', () => {
    const at = (requests: number) =>
      documentWith({ workers: [workerWith(1, { cores: [{ id: 0, requests }], apps: [{ mountpoint: '/a', requests: requests * 2 }] })] });
    const now = at(9);
    const { core, application } = change(at(3), now);
    const [worker] = now.workers;
    assert.equal(worker?.cores[0] && core(worker, worker.cores[0]), 3);
    assert.deepEqual([application('/a', 18), application('/new', 4)], [6, 2]);
  });

  test('count what the gateway answered without a worker', () => {
    const before = documentWith({ gateway: gateway({ static_requests: 1, tx: 10 }), responses: { '5xx': 1 } });
    const now = documentWith({
      gateway: gateway({ static_requests: 3, routed_requests: 4, other_requests: 2, tx: 50 }),
      responses: { '5xx': 2 },
    });
    assert.deepEqual(change(before, now).total, { requests: 4, bytes: 20, failures: 0.5 });
  });

  test('are unknown where no time has passed', () => {
    const document = documentWith();
    assert.equal(changeBetween(sampleOf(document, 10), sampleOf(document, 10)).total.requests, undefined);
  });
});
