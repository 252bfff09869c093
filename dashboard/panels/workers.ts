import type { CoreStats, WorkerStats } from '../../src/core/stats/document.ts';
import { make, part, type Row, Rows, setAttribute, setText, Table } from '../dom.ts';
import { formatAge, formatBytes, formatCount, formatMicros, NONE, plural } from '../format.ts';
import { ageOf, runningRequests } from '../running.ts';
import type { Panel, View } from './panel.ts';

/** A worker that has come lately is marked for so long. */
const NEWS_SECONDS = 60;

/** A worker, and what the page has seen of it. */
interface Seen {
  readonly worker: WorkerStats;
  readonly now: number;
  /** The process that it had before, if that was since the page was opened. */
  readonly before: number | undefined;
}

/** Each worker with its slots, live; below it all figures as a table. */
export class Workers implements Panel {
  readonly #map = new Rows<Seen>(part('map', HTMLElement), workerTile);
  readonly #summary = part('workers-summary', HTMLElement);
  readonly #pids = new Map<number, { readonly pid: number; readonly before: number | undefined }>();
  readonly #table = new Table<Seen>('Figures of the workers', [
    { head: 'Worker', text: ({ worker }) => String(worker.id), isHead: true },
    { head: 'Pid', text: ({ worker }) => (worker.pid === 0 ? NONE : String(worker.pid)), class: 'number' },
    { head: 'State', text: ({ worker }) => stateOf(worker) },
    { head: 'Requests', text: ({ worker }) => formatCount(worker.requests), class: 'number' },
    { head: 'Mean', text: ({ worker }) => formatMicros(worker.avg_rt), class: 'number extra' },
    { head: 'Exceptions', text: ({ worker }) => formatCount(worker.exceptions), class: 'number extra' },
    { head: 'Harakiri', text: ({ worker }) => formatCount(worker.harakiri_count), class: 'number extra' },
    { head: 'Memory', text: ({ worker }) => memoryOf(worker), class: 'number' },
    { head: 'Sent', text: ({ worker }) => formatBytes(worker.tx), class: 'number extra' },
    { head: 'Started', text: ({ worker }) => plural(worker.respawn_count, 'time'), class: 'number extra' },
    { head: 'Age', text: (seen) => lifeOf(seen), class: 'number' },
  ]);

  constructor() {
    part('workers', HTMLElement).append(this.#table.element);
  }

  show({ document, now }: View): void {
    const seen = document.workers.map((worker) => ({ worker, now, before: this.#before(worker) }));
    const keyOf = ({ worker }: Seen): string => String(worker.id);
    this.#map.show(seen, keyOf);
    this.#table.show(seen, keyOf);
    const alive = document.workers.filter(({ pid }) => pid > 0);
    const busy = runningRequests(document).length;
    const slots = alive.reduce((sum, { cores }) => sum + cores.length, 0);
    setText(this.#summary, `${plural(alive.length, 'worker')}, ${busy} of ${plural(slots, 'slot')} busy`);
  }

  #before({ id, pid }: WorkerStats): number | undefined {
    const known = this.#pids.get(id);
    if (known?.pid === pid || pid === 0) return known?.before;
    this.#pids.set(id, { pid, before: known?.pid });
    return known?.pid;
  }
}

function workerTile({ worker: { id } }: Seen): Row<Seen> {
  const pid = make('span', { class: 'pid' });
  const state = make('span', { class: 'state' });
  const strip = make('div', { class: 'slots', role: 'img' });
  const slots = new Rows<CoreStats>(strip, slotMark);
  const figures = make('p', { class: 'below' });
  const news = make('p', { class: 'news' });
  const head = make('h3', {}, [document.createTextNode(`${id} `), pid, state]);
  const element = make('li', { class: 'worker', 'data-worker': String(id) }, [head, strip, figures, news]);
  return {
    element,
    update: (seen) => {
      const { worker } = seen;
      setText(pid, worker.pid === 0 ? 'no process' : `pid ${worker.pid}`);
      setText(state, stateOf(worker));
      setAttribute(element, 'data-state', stateOf(worker));
      setAttribute(strip, 'aria-label', slotsText(worker));
      slots.show(worker.pid === 0 ? [] : worker.cores, (core) => String(core.id));
      setText(figures, [`${formatCount(worker.requests)} req`, memoryOf(worker)].filter((text) => text !== NONE).join(' · '));
      setText(news, newsOf(seen));
    },
  };
}

function slotMark({ id }: CoreStats): Row<CoreStats> {
  const element = make('span', { class: 'slot' });
  return {
    element,
    update: (core) => {
      const uri = core.vars.find((text) => text.startsWith('REQUEST_URI='))?.slice('REQUEST_URI='.length);
      setAttribute(element, 'data-age', core.in_request === 0 ? 'idle' : ageOf(core.req_info.age_ms ?? 0));
      setAttribute(element, 'title', uri === undefined ? `slot ${id}: free` : `slot ${id}: ${uri}`);
    },
  };
}

function stateOf({ pid, status, accepting }: WorkerStats): string {
  if (pid === 0) return 'down';
  return status === 'idle' && accepting === 0 ? 'starting' : status;
}

function newsOf({ worker, now, before }: Seen): string {
  const age = now - worker.last_spawn;
  if (worker.pid === 0 || worker.respawn_count < 2 || age > NEWS_SECONDS) return '';
  return `replaced ${formatAge(age)} ago${before === undefined ? '' : `, was pid ${before}`}`;
}

function slotsText({ cores, pid }: WorkerStats): string {
  return pid === 0 ? 'no slots' : `${cores.filter((core) => core.in_request === 1).length} of ${plural(cores.length, 'slot')} busy`;
}

function memoryOf({ rss }: WorkerStats): string {
  return rss > 0 ? formatBytes(rss) : NONE;
}

function lifeOf({ worker, now }: Seen): string {
  return worker.pid === 0 || worker.last_spawn === 0 ? NONE : formatAge(now - worker.last_spawn);
}
