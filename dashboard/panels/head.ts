import { part, setText } from '../dom.ts';
import { formatAge, formatRate, NONE } from '../format.ts';
import { FactList } from './fact-list.ts';
import type { Panel, View } from './panel.ts';

/** Marks the tab of a server that is not well. */
const SIGNS = { well: '', watch: '▲ ', bad: '✕ ' };

/** Which server this is. The title is for who has it among other tabs. */
export class Head implements Panel {
  readonly #version = part('version', HTMLElement);
  readonly #facts = new FactList(part('facts', HTMLElement));

  show({ document: { version, pid, cwd, started_at: start }, health, timeline, now }: View): void {
    setText(this.#version, version);
    this.#facts.show([
      ['host', location.host],
      ['pid', String(pid)],
      ['up', formatAge(now - start)],
      ['in', cwd],
    ]);
    const rate = timeline.rate('requests');
    const title = `${SIGNS[health.level]}${rate === null ? NONE : formatRate(rate)} req/s – ${location.host} – tsuwsgi`;
    if (document.title !== title) document.title = title;
  }
}
