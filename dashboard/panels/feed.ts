import type { FailedRequest, Recent, RequestName, SlowRequest } from '../../src/core/stats/recent.ts';
import { make, part, type Row, Rows, setText } from '../dom.ts';
import { formatMicros, formatTime, plural } from '../format.ts';

interface FeedPlan<Entry extends RequestName> {
  /** Its list has this id, its summary the same with `-summary`. */
  readonly id: string;
  readonly noun: string;
  readonly none: string;
  /** What is said first of each. */
  readonly head: (entry: Entry) => string;
  /** What is seen when it is unfolded. */
  readonly text: (entry: Entry) => string;
}

/** Requests that somebody should look at, the newest first; each unfolds to where it happened in the code. */
class Feed<Entry extends RequestName> {
  readonly #plan: FeedPlan<Entry>;
  readonly #summary: HTMLElement;
  readonly #rows: Rows<Entry>;

  constructor(plan: FeedPlan<Entry>) {
    this.#plan = plan;
    this.#summary = part(`${plan.id}-summary`, HTMLElement);
    this.#rows = new Rows<Entry>(part(plan.id, HTMLElement), (entry) => feedItem(plan, entry));
  }

  show(entries: readonly Entry[]): void {
    this.#rows.show(entries, ({ at, worker, core, method, uri }) => `${at} ${worker}.${core} ${method} ${uri}`);
    setText(this.#summary, summaryOf(this.#plan, entries.length));
  }
}

function summaryOf({ none, noun }: Pick<FeedPlan<RequestName>, 'none' | 'noun'>, count: number): string {
  if (count === 0) return none;
  return count === 1 ? `1 ${noun}` : `the last ${plural(count, noun)}`;
}

/** Errors and slow requests. */
export class Feeds {
  readonly #errors = new Feed<FailedRequest>({
    id: 'errors',
    noun: 'exception',
    none: 'no exception so far',
    head: ({ error }) => error,
    text: ({ traceback }) => traceback,
  });
  readonly #slow = new Feed<SlowRequest>({
    id: 'slow',
    noun: 'slow request',
    none: 'none so far; the options slow-request and harakiri say what is slow',
    head: ({ ranMs }) => formatMicros(ranMs * 1000),
    text: ({ stack }) => stack,
  });

  show({ errors, slow }: Recent): void {
    this.#errors.show(errors);
    this.#slow.show(slow);
  }

  /** What is there instead, where this reader may not see it. */
  deny(reason: string): void {
    for (const id of ['errors-summary', 'slow-summary']) setText(part(id, HTMLElement), reason);
  }
}

/** An entry never changes, so there is nothing to update. */
function feedItem<Entry extends RequestName>({ head, text }: FeedPlan<Entry>, entry: Entry): Row<Entry> {
  const { at, worker, core, method, uri, application } = entry;
  const place = `slot ${worker}:${core}${application === '' || application === '/' ? '' : `, ${application}`}`;
  const summary = make('summary', {}, [
    make('time', { text: formatTime(at) }),
    make('strong', { text: head(entry) }),
    make('span', { class: 'request' }, [
      make('span', { class: 'method', text: method }),
      document.createTextNode(' '),
      make('span', { class: 'uri', text: uri }),
    ]),
    make('span', { class: 'place', text: place }),
  ]);
  return { element: make('li', {}, [make('details', {}, [summary, make('pre', { text: text(entry) })])]), update: () => undefined };
}
