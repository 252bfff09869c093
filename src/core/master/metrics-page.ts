import type { IncomingMessage } from 'node:http';
import type { Site } from '../sites/site.ts';
import type { Page } from '../stats/page.ts';
import { type ApplicationCounts, metricFamilies, type MetricsSources } from '../stats/prometheus/families.ts';
import type { Tally } from '../stats/tally.ts';
import type { ApplicationMetrics } from './application-metrics.ts';

export interface MetricsPorts {
  readonly sources: () => MetricsSources;
  readonly application: Pick<ApplicationMetrics, 'isWanted' | 'read'>;
}

/** `/metrics`: the server's, and behind them the application's own. */
export async function metricsPage({ sources, application }: MetricsPorts, { headers }: Pick<IncomingMessage, 'headers'>): Promise<Page> {
  // Only where somebody asks: a master without a scraper does not load the library.
  const { contentTypeOf, exposition, wantedFormat } = await import('../stats/prometheus/exposition.ts');
  const format = wantedFormat(headers.accept);
  const isWanted = application.isWanted;
  const theirs = isWanted ? await application.read(format) : '';
  const families = metricFamilies(sources());
  const ours = await exposition(isWanted ? [...families, reached(theirs !== undefined)] : families, format);
  const end = '# EOF\n';
  const [head, tail] = ours.endsWith(end) ? [ours.slice(0, -end.length), end] : [ours, ''];
  return {
    status: 200,
    headers: { 'Content-Type': contentTypeOf(format), 'Cache-Control': 'no-store' },
    body: `${head}${theirs ?? ''}${tail}`,
  };
}

/** What the requests of each site were like. Call `refresh` of the scoreboard before. */
export function countApplications(sites: readonly Pick<Site, 'name' | 'applications'>[], tally: Tally): readonly ApplicationCounts[] {
  return sites.map(({ name, applications }) => ({
    mountpoint: applications[0]?.mountpoint ?? name,
    distributions: tally.distributionsOf(name),
    ...tally.countersOf(name),
  }));
}

function reached(isThere: boolean) {
  return {
    name: 'tsuwsgi_application_metrics_up',
    help: "Whether the application's own metrics could be read.",
    type: 'gauge',
    samples: [{ labels: {}, value: Number(isThere) }],
  } as const;
}
