import { type Span, SpanStatusCode } from '@opentelemetry/api';
import type { Slot } from '../../workers/slot.ts';
import type { ExchangeObserver } from '../exchange.ts';

/** A span that a collector will have, and what it asks while it lasts. */
export interface OpenSpan {
  readonly span: Span;
  /** The mountpoint of the application that has the request, where one worker has several; undefined where the site tells. */
  readonly mountpoint: () => string | undefined;
  readonly closed: () => void;
}

/** The span of one request, from its head to the end of its response, whoever answers. */
export class RequestSpan implements ExchangeObserver {
  readonly #open: OpenSpan;
  #reason: string | undefined;
  #isOver = false;

  constructor(open: OpenSpan) {
    this.#open = open;
  }

  sent({ name }: Slot, since: number): void {
    if (this.#isOver) return;
    const queued = { 'tsuwsgi.queue.duration': (performance.now() - since) / 1000 };
    const { span, mountpoint } = this.#open;
    span.setAttributes({
      ...queued,
      'tsuwsgi.worker.id': name.worker,
      'tsuwsgi.worker.core': name.core,
      'tsuwsgi.worker.pid': name.pid,
      'tsuwsgi.mountpoint': (mountpoint() ?? name.site) || '/',
    });
    span.addEvent('tsuwsgi.dequeued', queued);
  }

  failed(reason: string): void {
    this.#reason = reason;
  }

  responding(status: number): void {
    if (this.#isOver) return;
    this.#open.span.setAttribute('http.response.status_code', status);
    // What a client does wrong is no error of the server's.
    if (status >= 500) this.#err(String(status), this.#reason);
  }

  ended(how: 'complete' | 'cut'): void {
    if (how === 'cut') this.#err('response_cut', this.#reason ?? 'the response ended before all of it was there');
    this.#end();
  }

  /** Its client has not waited. */
  left(): void {
    if (this.#isOver) return;
    this.#open.span.addEvent('tsuwsgi.client_left');
    this.#end();
  }

  #err(type: string, message: string | undefined): void {
    if (this.#isOver) return;
    this.#open.span.setAttribute('error.type', type);
    this.#open.span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#open.span.end();
    this.#open.closed();
  }
}
