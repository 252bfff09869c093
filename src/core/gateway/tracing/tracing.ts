import { setImmediate, setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { SitesSettings } from '../../plan/gateway-plan.ts';
import type { TracingSettings } from '../../plan/tracing.ts';
import type { Receiver } from '../receiver-chain.ts';
import { mountpointFinder } from '../site-receiver.ts';
import type { RequestTracer } from './request-tracer.ts';
import { TracedDestination } from './traced-destination.ts';

/** So long an end may take, in milliseconds: a collector that does not answer holds up nobody. */
const LAST_WORDS_MS = 1000;

type LoadTracer = () => Promise<{ readonly RequestTracer: typeof RequestTracer }>;

/** Whether requests have spans, as the settings are at the moment. OpenTelemetry is loaded when they are first to have some. */
export class Tracing {
  readonly #log: (line: string) => void;
  readonly #load: LoadTracer;
  #settings: TracingSettings | undefined;
  #tracer: RequestTracer | undefined;
  /** Those of other settings before, until the last request of theirs is over. */
  readonly #retired = new Set<RequestTracer>();

  /** @param load for tests of what happens when it cannot be */
  constructor(log: (line: string) => void, load: LoadTracer = () => import('./request-tracer.ts')) {
    this.#log = log;
    this.#load = load;
  }

  /** Goes by these settings. @returns whether it does so in another way than before, once it does */
  async follow(settings: TracingSettings | undefined): Promise<boolean> {
    if (isDeepStrictEqual(settings, this.#settings)) return false;
    this.#settings = settings;
    const tracer = settings && (await this.#create(settings));
    // Other settings have come meanwhile.
    if (settings !== this.#settings) {
      void tracer?.end();
      return false;
    }
    if (this.#tracer) this.#retire(this.#tracer);
    this.#tracer = tracer;
    if (settings === undefined) this.#log('[gateway] tracing: spans are no longer made');
    return true;
  }

  /** What looks at requests before all others; nothing where they have no spans. */
  receivers({ sites }: { readonly sites: SitesSettings }): readonly Receiver[] {
    const tracer = this.#tracer;
    if (tracer === undefined) return [];
    const known = new Set(sites.mounted.map(({ mountpoint }) => mountpoint));
    const find = mountpointFinder(sites);
    return [
      (variables, next) => {
        const span = tracer.begin(variables, () => {
          const found = find(variables);
          return known.has(found) ? found : undefined;
        });
        return span === undefined ? next() : new TracedDestination(next(), span);
      },
    ];
  }

  /** @param then called when the last spans have been sent, or there is no time for them any more; at once where there are none */
  end(then: () => void): void {
    const tracers = [...this.#retired, ...(this.#tracer ? [this.#tracer] : [])];
    if (tracers.length === 0) then();
    else void sendLast(tracers).then(then);
  }

  #retire(tracer: RequestTracer): void {
    this.#retired.add(tracer);
    void tracer.retire().then(() => this.#retired.delete(tracer));
  }

  /** Undefined where they cannot be made; that is no reason not to serve. */
  async #create(settings: TracingSettings): Promise<RequestTracer | undefined> {
    try {
      const { RequestTracer } = await this.#load();
      const tracer = new RequestTracer(settings, this.#log);
      this.#log(`[gateway] tracing: spans go to ${settings.url}`);
      return tracer;
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
      const remedy = isMissing ? '; OpenTelemetry\'s packages come with "npm install --include=optional tsuwsgi"' : '';
      this.#log(`[gateway] tracing: no spans are made: ${(error as Error).message}${remedy}`);
      return undefined;
    }
  }
}

async function sendLast(tracers: readonly RequestTracer[]): Promise<void> {
  // A whole turn of the event loop: the spans of requests whose connections have just been cut end first.
  await setImmediate();
  await setImmediate();
  const enough = new AbortController();
  const late = setTimeout(LAST_WORDS_MS, undefined, { signal: enough.signal }).catch(() => undefined);
  await Promise.race([Promise.all(tracers.map((tracer) => tracer.end())), late]);
  enough.abort();
}
