import { type Access, guarded } from '../stats/access.ts';
import { type Page, type PageMaker, type Pages, plainPage } from '../stats/page.ts';
import { formatRecent, type Recent } from '../stats/recent.ts';
import { type MetricsPorts, metricsPage } from './metrics-page.ts';
import type { Phase } from './phase.ts';

/** What the pages of `stats-http` are made of. */
export interface StatsSources {
  /** The statistics, as JSON. */
  readonly document: () => string;
  readonly recent: () => Recent;
  readonly phase: () => Phase;
  readonly metrics: MetricsPorts;
}

/** Those that have a path of their own: whether the master lives and the server is ready, which load balancers ask, and what happened lately. */
export function statsPages({ phase, recent, metrics }: StatsSources, access: () => Access): Pages {
  return {
    'GET /healthz': () => plainPage(200, 'alive'),
    'GET /readyz': () => readiness(phase()),
    'GET /metrics': guarded((request) => metricsPage(metrics, request), 'figures', access),
    'GET /recent': guarded(() => recentPage(recent()), 'details', access),
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

function recentPage(recent: Recent): Page {
  return { status: 200, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }, body: formatRecent(recent) };
}

function readiness(phase: Phase) {
  return phase === 'serving' ? plainPage(200, 'ready') : plainPage(503, `not ready: ${phase}`);
}
