import { make, part, setAttribute, setText, Rows, type Row } from '../dom.ts';
import { formatMicros, plural } from '../format.ts';
import { ageOf, runningRequests, type RunningRequest } from '../running.ts';
import type { Panel, View } from './panel.ts';

const SHOWN = 20;
/** Shorter ones are others each time that somebody looks. */
const SHORT_MS = 100;

/** What the slots work on, the oldest first. */
export class Running implements Panel {
  readonly #summary = part('running-summary', HTMLElement);
  readonly #empty = make('p', { class: 'empty', text: 'Nothing that takes longer than 100 ms.' });
  readonly #table: HTMLTableElement;
  readonly #rows: Rows<RunningRequest>;

  constructor() {
    const body = make('tbody');
    const heads = [make('th', { text: 'For', scope: 'col', class: 'number' }), make('th', { text: 'Request', scope: 'col' })];
    this.#table = make('table', {}, [
      make('caption', { class: 'unseen', text: 'Requests that run, the oldest first' }),
      make('thead', {}, [make('tr', {}, [...heads, make('th', { text: 'Slot', scope: 'col', class: 'number' })])]),
      body,
    ]);
    this.#rows = new Rows(body, requestRow);
    part('running', HTMLElement).append(this.#empty, this.#table);
  }

  show({ document }: View): void {
    const running = runningRequests(document);
    const all = running.filter(({ ageMs }) => ageMs >= SHORT_MS);
    // One that began since has the same slot and another row.
    this.#rows.show(all.slice(0, SHOWN), ({ worker, core, method, uri }) => `${worker}.${core} ${method} ${uri}`);
    this.#empty.hidden = all.length > 0;
    this.#table.hidden = all.length === 0;
    setText(this.#summary, summaryOf(all.length, running.length - all.length));
  }
}

function summaryOf(long: number, short: number): string {
  const shown = long > SHOWN ? [`the oldest ${SHOWN} of ${plural(long, 'request')}`] : [];
  return [...shown, ...(short === 0 ? [] : [plural(short, 'short one')])].join(', and ');
}

function requestRow(): Row<RunningRequest> {
  const age = make('td', { class: 'number age' });
  const method = make('span', { class: 'method' });
  const uri = make('span', { class: 'uri' });
  const about = make('span', { class: 'about' });
  const slot = make('td', { class: 'number' });
  const element = make('tr', {}, [age, make('td', { class: 'request' }, [method, document.createTextNode(' '), uri, about]), slot]);
  return {
    element,
    update: (request) => {
      setText(age, formatMicros(request.ageMs * 1000));
      setAttribute(element, 'data-age', ageOf(request.ageMs));
      setText(method, request.method);
      setText(uri, request.uri);
      setText(about, request.vars.join('  '));
      setText(slot, `${request.worker}:${request.core}`);
      setAttribute(slot, 'title', `worker ${request.worker}, slot ${request.core}`);
    },
  };
}
