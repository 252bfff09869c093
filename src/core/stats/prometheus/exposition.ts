/** Metrics as text, by Prometheus' own client library: its format 0.0.4, or OpenMetrics where that is asked for. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Family, HistogramSample } from './family.ts';

export type MetricsFormat = 'prometheus' | 'openmetrics';

/** Which of the two a client wants, by its header Accept. */
export function wantedFormat(accept = ''): MetricsFormat {
  return /\bapplication\/openmetrics-text\b/i.test(accept) ? 'openmetrics' : 'prometheus';
}

export function contentTypeOf(format: MetricsFormat): string {
  return format === 'openmetrics' ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE;
}

/** The text of all of them, with OpenMetrics' end. */
export async function exposition(families: readonly Family[], format: MetricsFormat): Promise<string> {
  const registry = format === 'openmetrics' ? new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>() : new Registry();
  if (format === 'openmetrics')
    (registry as Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>).setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const family of families) register(family, registry as Registry, format);
  return registry.metrics();
}

function register(family: Family, registry: Registry, format: MetricsFormat): void {
  // OpenMetrics names the family without what the library then puts behind its samples.
  const name = format === 'openmetrics' && family.type === 'counter' ? family.name.replace(/_total$/, '') : family.name;
  const settings = { name, help: family.help, labelNames: Object.keys(family.samples[0]?.labels ?? {}), registers: [registry] };
  switch (family.type) {
    case 'counter': {
      const counter = new Counter(settings);
      for (const { labels, value } of family.samples) counter.inc(labels, value);
      return;
    }
    case 'gauge': {
      const gauge = new Gauge(settings);
      for (const { labels, value } of family.samples) gauge.set(labels, value);
      return;
    }
    case 'histogram':
      registry.registerMetric(countedHistogram(settings, family.samples));
  }
}

/** A histogram whose values somebody else has counted; the library's own wants to see one value after the other. It asks for no more than this. */
function countedHistogram(
  { name, help }: { readonly name: string; readonly help: string },
  samples: readonly HistogramSample[],
): Histogram {
  const values = samples.flatMap((sample) => valuesOf(name, sample));
  const metric = { name, get: () => Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values }) };
  return metric as unknown as Histogram;
}

function valuesOf(name: string, { labels, bounds, counts, sum }: HistogramSample) {
  let below = 0;
  const buckets = counts.map((count, index) => {
    below += count;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: String(bounds[index] ?? '+Inf') }, value: below };
  });
  return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: below }];
}
