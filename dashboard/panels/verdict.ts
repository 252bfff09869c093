import { make, part, Rows, setAttribute, setText } from '../dom.ts';
import { formatAge, formatTime, plural } from '../format.ts';
import type { Finding, Level } from '../health.ts';
import type { Panel, View } from './panel.ts';

const WORDS = { well: 'All is well', watch: 'Keep an eye on it', bad: 'Not well' };

/** Of a verdict; a good one has one, too. */
type Reason = Omit<Finding, 'level'> & { readonly level: Level };

/** Whether the server is well; also while it does not answer. */
export class Verdict implements Panel {
  readonly #box = part('verdict', HTMLElement);
  readonly #state = part('state', HTMLElement);
  readonly #reasons = new Rows<Reason>(part('findings', HTMLElement), ({ level }) => {
    const element = make('li', { 'data-level': level });
    return { element, update: ({ text }) => setText(element, text) };
  });

  /** Whether it says that there is no answer. */
  get isGone(): boolean {
    return this.#box.dataset['level'] === 'gone';
  }

  show({ health, document }: View): void {
    const { level, state, findings } = health;
    this.#set(level, state === 'serving' ? WORDS[level] : state);
    this.#reasons.show(
      findings.length > 0 ? findings : [calm(document)],
      ({ level: kind, text }) => `${kind} ${text.replaceAll(/[\d.,]+/g, '#')}`,
    );
  }

  /** @param since when it has answered last, in seconds since the epoch */
  showGone(since: number | undefined, now: number): void {
    this.#set('gone', 'No answer');
    const text =
      since === undefined
        ? 'The server does not answer. This page goes on asking.'
        : `Nothing since ${formatTime(since)}, ${formatAge(now - since)} ago. This page goes on asking; what it shows is from then.`;
    this.#reasons.show([{ level: 'bad', text }], () => 'gone');
  }

  #set(level: string, state: string): void {
    setAttribute(this.#box, 'data-level', level);
    setText(this.#state, state);
    setAttribute(document.documentElement, 'data-answers', level === 'gone' ? 'no' : 'yes');
  }
}

function calm({ workers }: View['document']): Reason {
  const running = workers.filter(({ pid }) => pid > 0).length;
  return { level: 'well', text: `Serving with ${plural(running, 'worker')}: no errors, nobody waits.` };
}
