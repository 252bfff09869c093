import type { OwnStats, Responses } from '../../src/core/stats/document.ts';
import { Restarts } from '../../src/core/stats/restarts.ts';

const NO_RESPONSES: Responses = { other: 0, '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 };

/** The keys of the document that are ours, of a server that has done nothing yet. */
export const NO_OWN_STATS: OwnStats = {
  state: 'serving',
  started_at: 1_700_000_000,
  latency: { seconds: 0, requests: 0, p50: 0, p90: 0, p99: 0 },
  responses: NO_RESPONSES,
  applications: [],
  restarts: new Restarts().figures,
  reloads: { done: 0, failed: 0 },
  log: { dropped: 0 },
};
