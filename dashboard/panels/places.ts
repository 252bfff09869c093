import type { ApplicationStats, GatewayStats, SocketStats } from '../../src/core/stats/document.ts';
import { part, Table } from '../dom.ts';
import { formatBytes, formatCount, formatMicros, NONE } from '../format.ts';
import { type Fact, FactList } from './fact-list.ts';
import type { Panel, View } from './panel.ts';

/** Each application for itself, where there are several. */
export class Applications implements Panel {
  readonly #table = new Table<ApplicationStats>('Applications', [
    { head: 'Path', text: ({ mountpoint }) => mountpoint || '/', isHead: true },
    { head: 'Busy', text: ({ busy, workers }) => `${busy} / ${workers}`, class: 'number' },
    { head: 'Requests', text: ({ requests }) => formatCount(requests), class: 'number' },
    { head: 'p50', text: ({ latency }) => percentile(latency, 'p50'), class: 'number extra' },
    { head: 'p99', text: ({ latency }) => percentile(latency, 'p99'), class: 'number' },
    { head: '5xx', text: ({ responses }) => formatCount(responses['5xx']), class: 'number' },
    { head: 'Memory', text: ({ rss }) => (rss === 0 ? NONE : formatBytes(rss)), class: 'number extra' },
    { head: 'Queue', text: queueText, class: 'number' },
  ]);
  readonly #panel = part('applications-panel', HTMLElement);

  constructor() {
    part('applications', HTMLElement).append(this.#table.element);
  }

  show({ document: { applications } }: View): void {
    this.#panel.hidden = applications.length < 2;
    this.#table.show(applications, ({ mountpoint }) => mountpoint);
  }
}

/** Where requests come in. */
export class Doors implements Panel {
  readonly #table = new Table<SocketStats>('Sockets', [
    { head: 'Socket', text: ({ name }) => name, class: 'wide', isHead: true },
    { head: 'Speaks', text: ({ proto }) => proto },
    { head: 'Backlog', text: (socket) => formatCount(socket.max_queue), class: 'number extra' },
    {
      head: 'Queue',
      text: (socket) => `${formatCount(socket.queue)}${socket.queue_limit === undefined ? '' : ` / ${formatCount(socket.queue_limit)}`}`,
      class: 'number',
    },
    {
      head: 'Oldest',
      text: ({ queue, queue_age_ms: age }) => (queue === 0 || age === undefined ? NONE : formatMicros(age * 1000)),
      class: 'number',
    },
  ]);
  readonly #gateway = new FactList(part('gateway', HTMLElement));

  constructor() {
    part('sockets', HTMLElement).append(this.#table.element);
  }

  show({ document: { sockets, gateway } }: View): void {
    this.#table.show(sockets, ({ name, proto }) => `${proto} ${name}`);
    this.#gateway.show(gateway === undefined ? [] : gatewayFacts(gateway));
  }
}

function gatewayFacts(gateway: GatewayStats): readonly Fact[] {
  const { waiting } = gateway;
  return [
    ['gateway', `pid ${gateway.pid}, ${formatBytes(gateway.rss)}`],
    ['clients connected', formatCount(gateway.connections)],
    ['waited for a worker', waiting.requests === 0 ? NONE : `p50 ${formatMicros(waiting.p50)}, p99 ${formatMicros(waiting.p99)}`],
    ['refused by the queue', formatCount(gateway.refused)],
    ['files sent', `${formatCount(gateway.static_requests)}, and ${formatCount(gateway.offloaded_requests)} for applications`],
    ['answered by rules', formatCount(gateway.routed_requests)],
    ['other answers', formatCount(gateway.other_requests)],
    ['sent by itself', formatBytes(gateway.tx)],
  ];
}

function queueText({ queue, queue_age_ms: age }: ApplicationStats): string {
  return queue === 0 ? '0' : `${formatCount(queue)}, ${formatMicros(age * 1000)}`;
}

function percentile(latency: ApplicationStats['latency'], which: 'p50' | 'p99'): string {
  return latency.requests === 0 ? NONE : formatMicros(latency[which]);
}
