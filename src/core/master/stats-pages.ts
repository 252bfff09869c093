import { type Access, guarded } from '../stats/access.ts';
import { type PageMaker, type Pages, plainPage } from '../stats/page.ts';
import { type MetricsPorts, metricsPage } from './metrics-page.ts';
import type { Phase } from './phase.ts';

/** What the pages of `stats-http` are made of. */
export interface StatsSources {
  /** The statistics, as JSON. */
  readonly document: () => string;
  readonly phase: () => Phase;
  readonly metrics: MetricsPorts;
}

/** Those that have a path of their own: what load balancers ask, whether the master lives, and whether the server is ready. */
export function statsPages(sources: StatsSources, access: () => Access): Pages {
  return {
    'GET /healthz': () => plainPage(200, 'alive'),
    'GET /readyz': () => readiness(sources.phase()),
    'GET /metrics': guarded((request) => metricsPage(sources.metrics, request), 'figures', access),
  };
}

/** Pages of monitors in a browser read it from elsewhere, as they do with uWSGI. */
export function documentPage({ document }: StatsSources, access: () => Access): PageMaker {
  const make = () => ({
    status: 200,
    headers: { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' },
    body: document(),
  });
  return guarded(make, 'figures', access);
}

function readiness(phase: Phase) {
  return phase === 'serving' ? plainPage(200, 'ready') : plainPage(503, `not ready: ${phase}`);
}
