/** Loads OpenTelemetry, by itself and by what stands beside it; nobody imports this file before spans are wanted. */
import { diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, trace, type Tracer } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';
import type { TracingSettings } from '../../plan/tracing.ts';
import { RARELY_MS } from '../../util/sparse-line.ts';
import { version } from '../../util/version.ts';
import { Oddities } from '../oddities.ts';
import type { RequestVariables } from '../request-variables.ts';
import { requestAttributes, spanName } from './attributes.ts';
import { RequestSpan } from './request-span.ts';
import { TellingExporter } from './telling-exporter.ts';

const TRACE_STATE = 'HTTP_TRACESTATE';

/** The headers of a request are variables of it. */
const HEADERS = {
  get: (variables: RequestVariables, name: string) => variables.get(variableOf(name)) || undefined,
  set: (variables: RequestVariables, name: string, value: string) => variables.set(variableOf(name), value),
  keys: () => [],
};

/** Makes spans of requests, and has them sent. */
export class RequestTracer {
  readonly #provider: BasicTracerProvider;
  readonly #tracer: Tracer;
  readonly #propagator = new W3CTraceContextPropagator();
  /** Spans that have begun and not ended. */
  #open = 0;
  /** Set once it is retired: what to do when the last of them has ended. */
  #last: (() => void) | undefined;

  constructor(settings: TracingSettings, log: (line: string) => void) {
    tellOddities(log);
    const { url, headers, samplingRatio } = settings;
    const exporter = new TellingExporter(new OTLPTraceExporter({ url, headers: { ...headers } }), {
      url,
      log,
      now: () => performance.now(),
    });
    this.#provider = new BasicTracerProvider({
      resource: resourceOf(settings),
      spanProcessors: [new BatchSpanProcessor(exporter)],
      ...(samplingRatio !== undefined && { sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(samplingRatio) }) }),
    });
    this.#tracer = this.#provider.getTracer('tsuwsgi', version());
  }

  /**
   * Begins the span of a request. From here on its variables name that span as the parent of whatever the application does.
   *
   * @param mountpoint see OpenSpan
   * @returns undefined where the span is not kept
   */
  begin(variables: RequestVariables, mountpoint: () => string | undefined): RequestSpan | undefined {
    const parent = this.#propagator.extract(ROOT_CONTEXT, variables, HEADERS);
    const span = this.#tracer.startSpan(spanName(variables), { kind: SpanKind.SERVER }, parent);
    // Of a trace that nobody can know of (https://www.w3.org/TR/trace-context/#a-traceparent-is-not-received).
    if (trace.getSpan(parent) === undefined && variables.has(TRACE_STATE)) variables.delete(TRACE_STATE);
    this.#propagator.inject(trace.setSpan(parent, span), variables, HEADERS);
    if (!span.isRecording()) return undefined;
    span.setAttributes(requestAttributes(variables));
    this.#open++;
    return new RequestSpan({ span, mountpoint, closed: () => this.#closed() });
  }

  /** Nobody begins a span any more. Settled when the last of those that have begun has ended, and all are sent or lost. */
  async retire(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#last = resolve));
    await this.end();
  }

  /** Sends what there is. Settled when it is sent or lost, which may take as long as the exporter's own time limit. */
  async end(): Promise<void> {
    // What goes wrong has been told by the exporter.
    await this.#provider.shutdown().catch(() => undefined);
  }

  #closed(): void {
    this.#open--;
    if (this.#open === 0) this.#last?.();
  }
}

/** What OpenTelemetry's packages have to say: a variable that cannot be read, spans for which there was no room. */
function tellOddities(log: (line: string) => void): void {
  const oddities = new Oddities('tracing', { log, quietMs: RARELY_MS });
  const tell = (message: string): void => oddities.add(message);
  const silent = (): void => undefined;
  const logger = { error: tell, warn: tell, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

/** The option before the environment. */
function resourceOf({ serviceName }: TracingSettings): Resource {
  const found = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'tsuwsgi' }))
    .merge(detectResources({ detectors: [envDetector] }));
  return serviceName === undefined ? found : found.merge(resourceFromAttributes({ 'service.name': serviceName }));
}

function variableOf(name: string): string {
  return `HTTP_${name.toUpperCase()}`;
}
