import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { RARELY_MS, SparseLine } from '../../util/sparse-line.ts';

interface Telling {
  /** Of the collector. */
  readonly url: string;
  readonly log: (line: string) => void;
  /** Milliseconds since some moment. */
  readonly now: () => number;
}

/** Tells the log of spans that their collector did not take, at once and then at most once a minute. Nobody else has to care. */
export class TellingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #lost: SparseLine;
  readonly #now: () => number;
  #last = '';

  constructor(exporter: SpanExporter, { url, log, now }: Telling) {
    this.#exporter = exporter;
    this.#now = now;
    this.#lost = new SparseLine(
      (spans) => log(`[gateway] tracing: spans that ${url} did not take: ${spans}; ${this.#last}${hintFor(url)}`),
      RARELY_MS,
    );
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, ({ code, error }) => {
      if (code === ExportResultCode.FAILED) {
        this.#last = wordsOf(error);
        this.#lost.add(spans.length, this.#now());
      }
      done({ code: ExportResultCode.SUCCESS });
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}

/** Node says nothing in an error that stands for those of several addresses. */
function wordsOf(error: Error | undefined): string {
  if (error instanceof AggregateError) return error.errors.map((each) => (each as Error).message).join(', ');
  const code = error !== undefined && 'code' in error ? `${String(error.code)} ` : '';
  return error === undefined ? 'no answer' : `${error.message.includes(code.trim()) ? '' : code}${error.message}`;
}

function hintFor(url: string): string {
  return new URL(url).port === '4317' ? ' (4317 is the port for gRPC; OTLP over HTTP has 4318)' : '';
}
