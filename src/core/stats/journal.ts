import type { FailedRequest, Recent, ServerEvent, SlowRequest } from './recent.ts';

/** Enough for a night, and a few hundred KB at most: tracebacks come cut. */
const ERRORS = 50;
const SLOW = 50;
const EVENTS = 100;

/** What a worker adds to a slow request: the master knows only the beginning of its URI, and not where it is. */
export type Explanation = Pick<SlowRequest, 'application' | 'method' | 'uri' | 'stack'>;

/** Which request it is: the worker id, its core, and when it began, in microseconds of the scoreboard's clock. */
export interface RequestMark {
  readonly worker: number;
  readonly core: number;
  readonly startedAtUs: number;
}

/** Remembers what happened lately, across reloads. */
export class Journal {
  readonly #errors: FailedRequest[] = [];
  readonly #slow: { readonly mark: RequestMark; request: SlowRequest }[] = [];
  readonly #events: ServerEvent[] = [];
  #untold = 0;

  get recent(): Recent {
    return { errors: this.#errors, slow: this.#slow.map(({ request }) => request), events: this.#events, untold: this.#untold };
  }

  /** @param untold errors before this one of which nobody will hear */
  fail(request: FailedRequest, untold: number): void {
    this.#untold += untold;
    keep(this.#errors, request, ERRORS);
  }

  /** A request runs for long. Its worker may explain it a moment later, or hang. */
  find(mark: RequestMark, request: SlowRequest): void {
    keep(this.#slow, { mark, request }, SLOW);
  }

  explain(mark: RequestMark, explanation: Explanation): void {
    const found = this.#slow.find((each) => isSame(each.mark, mark));
    if (found !== undefined) found.request = { ...found.request, ...explanation };
  }

  /** @param at seconds since the epoch */
  note(at: number, text: string): void {
    keep(this.#events, { at, text }, EVENTS);
  }
}

/** The newest is the first. */
function keep<Item>(items: Item[], item: Item, most: number): void {
  items.unshift(item);
  if (items.length > most) items.pop();
}

function isSame(one: RequestMark, other: RequestMark): boolean {
  return one.worker === other.worker && one.core === other.core && one.startedAtUs === other.startedAtUs;
}
