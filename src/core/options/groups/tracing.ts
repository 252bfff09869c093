import { assignments, type Option, text } from '../define.ts';

/** Who gets them is said by one of these. */
const needs = ['otlp-endpoint', '$OTEL_EXPORTER_OTLP_ENDPOINT', '$OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

/** Spans of requests for OpenTelemetry. */
export const tracing = {
  'otlp-endpoint': {
    ...text({
      extension: true,
      metavar: 'URL',
      help: 'send a span of each request to this collector, by OTLP over HTTP: http://collector:4318; none sends none, whatever the environment says',
      note: 'Without it OTEL_EXPORTER_OTLP_ENDPOINT counts. All requests come by the gateway then, as with `direct-socket = false`: docs/tracing.md.',
    }),
    parse: parseEndpoint,
  },

  'otlp-header': assignments({
    extension: true,
    needs,
    help: 'a header for the collector, such as authorization=Bearer …; comes on top of OTEL_EXPORTER_OTLP_HEADERS',
  }),

  'otlp-service-name': text({
    extension: true,
    needs,
    metavar: 'NAME',
    help: 'the name of the service whose spans these are; without it that of OTEL_SERVICE_NAME, or tsuwsgi',
  }),

  'otlp-sampling-ratio': {
    extension: true,
    needs,
    kind: 'text',
    metavar: 'RATIO',
    arity: 'required',
    default: undefined,
    repeat: 'last',
    oneWord: true,
    help: 'the part of the traces that begin here and are kept, from 0 to 1; whether others are was decided where they began',
    note: 'Without it OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG count, or all are kept.',
    parse: parseRatio,
  } satisfies Option<number | undefined> as Option<number | undefined>,
};

function parseEndpoint(value: string): string {
  if (value === 'none' || (/^https?:\/\//i.test(value) && URL.canParse(value))) return value;
  throw new RangeError('an address such as http://collector:4318, or none');
}

function parseRatio(value: string): number {
  const ratio = /^(\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : NaN;
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw new RangeError('a number from 0 to 1');
}
