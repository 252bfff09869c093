import { make, part, Rows, setAttribute, setText } from '../dom.ts';
import { formatAge, formatTime } from '../format.ts';
import type { Finding } from '../health.ts';
import type { Panel, View } from './panel.ts';

const WORDS = { well: 'All is well', watch: 'Keep an eye on it', bad: 'Not well' };

/** Whether the server is well; also while it does not answer. */
export class Verdict implements Panel {
  readonly #box = part('verdict', HTMLElement);
  readonly #state = part('state', HTMLElement);
  readonly #findings = new Rows<Finding>(part('findings', HTMLElement), ({ level }) => {
    const element = make('li', { 'data-level': level });
    return { element, update: (finding) => setText(element, finding.text) };
  });

  show({ health, document }: View): void {
    const { level, state, findings } = health;
    this.#set(level, state === 'serving' ? WORDS[level] : state);
    const calm = { level: 'watch' as const, text: calmText(document.workers.filter(({ pid }) => pid > 0).length) };
    this.#findings.show(findings.length > 0 ? findings : [calm], ({ level: kind, text }) => `${kind} ${text.replaceAll(/[\d.,]+/g, '#')}`);
  }

  /** @param since when it has answered last, in seconds since the epoch */
  showGone(since: number | undefined, now: number): void {
    this.#set('gone', 'No answer');
    const text =
      since === undefined
        ? 'The server does not answer. This page goes on asking.'
        : `Nothing since ${formatTime(since)}, ${formatAge(now - since)} ago. This page goes on asking; what it shows is from then.`;
    this.#findings.show([{ level: 'bad', text }], () => 'gone');
  }

  #set(level: string, state: string): void {
    setAttribute(this.#box, 'data-level', level);
    setText(this.#state, state);
    setAttribute(document.documentElement, 'data-answers', level === 'gone' ? 'no' : 'yes');
  }
}

function calmText(workers: number): string {
  return `Serving with ${workers} ${workers === 1 ? 'worker' : 'workers'}: no errors, nobody waits.`;
}
