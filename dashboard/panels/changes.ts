import type { StatsDocument } from '../../src/core/stats/document.ts';
import type { Recent, ServerEvent } from '../../src/core/stats/recent.ts';
import { make, part, Rows, setText } from '../dom.ts';
import { formatAge, formatCount, formatMicros, formatTime, NONE, plural } from '../format.ts';
import { FactList } from './fact-list.ts';
import type { Panel, View } from './panel.ts';

/** What became of the processes, and why; with what the master said about it. */
export class Changes implements Panel {
  readonly #facts = new FactList(part('changes', HTMLElement));
  readonly #summary = part('changes-summary', HTMLElement);
  readonly #events = new Rows<ServerEvent>(part('events', HTMLElement), ({ at, text }) => ({
    element: make('li', {}, [make('time', { text: formatTime(at) }), make('span', { text })]),
    update: () => undefined,
  }));

  show({ document: { restarts, reloads, workers }, now }: View): void {
    const replaced = workers.reduce((sum, worker) => sum + Math.max(0, worker.respawn_count - 1), 0);
    setText(this.#summary, replaced === 0 ? 'no worker was replaced so far' : `${plural(replaced, 'worker')} replaced so far`);
    const reasons = Object.entries(restarts).filter(([, count]) => count > 0);
    this.#facts.show([
      ...reasons.map(([reason, count]) => [`replaced: ${reason}`, formatCount(count)] as const),
      ...reloadFacts(reloads, now),
    ]);
  }

  showEvents({ events }: Recent): void {
    this.#events.show(events, ({ at, text }) => `${at} ${text}`);
  }
}

function reloadFacts({ done, failed, last }: StatsDocument['reloads'], now: number): readonly (readonly [string, string])[] {
  const counted = ['reloads', `${formatCount(done)} done, ${formatCount(failed)} failed`] as const;
  if (last === undefined) return [counted];
  const took = `${formatAge(now - last.at)} ago in ${formatMicros(last.seconds * 1e6)}`;
  return [counted, ['last reload', last.ok ? took : `failed ${took}: ${last.error === '' ? NONE : last.error}`]];
}
