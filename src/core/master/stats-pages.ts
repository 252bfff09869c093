import { prefersHtml } from '../stats/accept.ts';
import { type Access, guarded } from '../stats/access.ts';
import type { History } from '../stats/moment.ts';
import { jsonPage, type PageMaker, type Pages, plainPage } from '../stats/page.ts';
import { formatRecent, type Recent } from '../stats/recent.ts';
import { DASHBOARD_FILES } from './dashboard-files.ts';
import { type MetricsPorts, metricsPage } from './metrics-page.ts';
import { operatorPages } from './operator-pages.ts';
import type { Phase } from './phase.ts';

/** What the pages of `stats-http` are made of. */
export interface StatsSources {
  /** The statistics, as JSON. */
  readonly document: () => Promise<string>;
  readonly recent: () => Recent;
  readonly history: () => History;
  readonly phase: () => Phase;
  readonly metrics: MetricsPorts;
  /** Says what was done. @throws TsuwsgiError that says why it was not */
  readonly reload: () => Promise<string>;
}

/**
 * Those that have a path of their own: what load balancers ask, whether the master lives and whether the server is ready; and the dashboard.
 *
 * @param document as `documentPage` makes it
 */
export function statsPages(sources: StatsSources, document: PageMaker, access: () => Access): Pages {
  return {
    'GET /healthz': () => plainPage(200, 'alive'),
    'GET /readyz': () => readiness(sources.phase()),
    'GET /metrics': guarded((request) => metricsPage(sources.metrics, request), 'figures', access),
    'GET /recent': guarded(() => jsonPage(formatRecent(sources.recent())), 'details', access),
    'GET /stats.json': document,
    'GET /history': guarded(() => jsonPage(JSON.stringify(sources.history())), 'figures', access),
    'GET /': frontPage(document),
    ...DASHBOARD_FILES,
    ...operatorPages({ access, reload: sources.reload }),
  };
}

/** The statistics. Pages of monitors in a browser read it from elsewhere, as they do with uWSGI's. */
export function documentPage({ document }: Pick<StatsSources, 'document'>, access: () => Access): PageMaker {
  const make = async () => ({
    status: 200,
    headers: { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' },
    body: await document(),
  });
  return guarded(make, 'figures', access);
}

/** The dashboard for browsers, and the statistics for everybody else, as with uWSGI. */
function frontPage(document: PageMaker): PageMaker {
  return async (request) => {
    const make = prefersHtml(request.headers.accept) ? DASHBOARD_FILES['GET /dashboard'] : document;
    const page = await (make ?? document)(request);
    return { ...page, headers: { ...page.headers, Vary: 'Accept' } };
  };
}

function readiness(phase: Phase) {
  return phase === 'serving' ? plainPage(200, 'ready') : plainPage(503, `not ready: ${phase}`);
}
