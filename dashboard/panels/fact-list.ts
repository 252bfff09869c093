import { make, type Row, Rows, setText } from '../dom.ts';

export type Fact = readonly [name: string, value: string];

/** Names and what they are at the moment, in a `dl`. */
export class FactList {
  readonly #rows: Rows<Fact>;

  constructor(list: HTMLElement) {
    this.#rows = new Rows(list, factRow);
  }

  show(facts: readonly Fact[]): void {
    this.#rows.show(facts, ([name]) => name);
  }
}

function factRow([name]: Fact): Row<Fact> {
  const value = make('dd');
  return { element: make('div', {}, [make('dt', { text: name }), value]), update: ([, text]) => setText(value, text) };
}
