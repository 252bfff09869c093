import { splitPair } from '../options/pair.ts';
import type { Options } from '../options/registry.ts';

/** Where spans go, and whose they are. What is left out here OpenTelemetry's own packages find in the environment, or have a default for. */
export interface TracingSettings {
  /** Takes spans, by OTLP over HTTP. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string | undefined;
  /** The part of the traces that begin here and are kept, from 0 to 1. */
  readonly samplingRatio: number | undefined;
}

type TracingOptions = Pick<Options, 'otlpEndpoint' | 'otlpHeader' | 'otlpServiceName' | 'otlpSamplingRatio'>;
type Environment = Readonly<Record<string, string | undefined>>;

/** What OTLP over HTTP puts behind the address of a collector. */
const TRACES = 'v1/traces';

/**
 * Whether requests have spans: where an option or the server's own environment names a collector.
 *
 * @returns undefined where they have none
 */
export function planTracing(options: TracingOptions, environment: Environment): TracingSettings | undefined {
  if (environment['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || options.otlpEndpoint === 'none') return undefined;
  const url = options.otlpEndpoint === undefined ? environmentUrl(environment) : urlBelow(options.otlpEndpoint);
  if (url === undefined) return undefined;
  return {
    url,
    headers: Object.fromEntries(options.otlpHeader.map(splitPair).map(([name, value]) => [name.trim(), value.trim()])),
    serviceName: options.otlpServiceName,
    samplingRatio: options.otlpSamplingRatio,
  };
}

/** Undefined also for what is meant for applications only: another exporter, or OTLP over gRPC. */
function environmentUrl(environment: Environment): string | undefined {
  const first = (...names: readonly string[]) => names.map((name) => environment[name] ?? '').find((value) => value !== '');
  const exporters = first('OTEL_TRACES_EXPORTER') ?? 'otlp';
  const protocol = first('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/json';
  if (!exporters.split(',').some((name) => name.trim() === 'otlp') || !protocol.startsWith('http')) return undefined;
  const all = first('OTEL_EXPORTER_OTLP_ENDPOINT');
  const url = first('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? (all && urlBelow(all));
  return url !== undefined && isHttp(url) ? url : undefined;
}

/** The rule of the specification, and no second `v1/traces` for those who wrote it already. */
function urlBelow(endpoint: string): string {
  const base = endpoint.replace(/\/+$/, '');
  return base.endsWith(`/${TRACES}`) ? base : `${base}/${TRACES}`;
}

function isHttp(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}
