/** The only way in which this page makes elements. What they show is text, never markup: it may have come from a client. */

interface Attributes {
  readonly class?: string;
  readonly text?: string;
  readonly title?: string;
  readonly role?: string;
  readonly [name: `aria-${string}`]: string;
  readonly [name: `data-${string}`]: string;
  readonly scope?: string;
}

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  children: readonly Node[] = [],
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  const { text, ...others } = attributes;
  for (const [name, value] of Object.entries(others)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

/** An element that the page has from the start. */
export function part<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return element;
}

/** Leaves what is right already alone, so that a selection in it stays. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** One child for each item. Those that stay keep their elements, and with them what the reader has unfolded, focused or selected. */
export class Rows<Item> {
  readonly #parent: Element;
  readonly #create: (item: Item) => Row<Item>;
  #rows = new Map<string, Row<Item>>();

  constructor(parent: Element, create: (item: Item) => Row<Item>) {
    this.#parent = parent;
    this.#create = create;
  }

  /** @param keyOf what makes an item the same as one that was there before */
  show(items: readonly Item[], keyOf: (item: Item) => string): void {
    const next = new Map<string, Row<Item>>();
    for (const item of items) {
      const key = keyOf(item);
      const row = this.#rows.get(key) ?? this.#create(item);
      row.update(item);
      next.set(key, row);
    }
    for (const [key, { element }] of this.#rows) if (!next.has(key)) element.remove();
    this.#rows = next;
    this.#arrange([...next.values()].map(({ element }) => element));
  }

  #arrange(elements: readonly Element[]): void {
    elements.forEach((element, nth) => {
      const present = this.#parent.children[nth];
      if (present !== element) this.#parent.insertBefore(element, present ?? null);
    });
  }
}

export interface Row<Item> {
  readonly element: Element;
  update(item: Item): void;
}

/** The row of a table with a cell for each column. */
function tableRow<Item>(columns: readonly Column<Item>[]): Row<Item> {
  const cells = columns.map(({ class: kind, isHead = false }) =>
    make(isHead ? 'th' : 'td', { ...(kind === undefined ? {} : { class: kind }), ...(isHead && { scope: 'row' }) }),
  );
  return {
    element: make('tr', {}, cells),
    update: (item) => columns.forEach(({ text }, nth) => setText(cells[nth] as Element, text(item))),
  };
}

export interface Column<Item> {
  readonly head: string;
  readonly text: (item: Item) => string;
  /** `number` and `wide` columns look as such; `extra` ones, of which none is the last, are left away where there is little room. */
  readonly class?: string;
  readonly isHead?: boolean;
}

/** A table whose rows are updated in place. */
export class Table<Item> {
  readonly element: HTMLTableElement;
  readonly #rows: Rows<Item>;

  constructor(caption: string, columns: readonly Column<Item>[]) {
    const heads = columns.map(({ head, class: kind }) => make('th', { text: head, scope: 'col', ...(kind && { class: kind }) }));
    const body = make('tbody');
    this.element = make('table', {}, [
      make('caption', { class: 'unseen', text: caption }),
      make('thead', {}, [make('tr', {}, heads)]),
      body,
    ]);
    this.#rows = new Rows(body, () => tableRow(columns));
  }

  show(items: readonly Item[], keyOf: (item: Item) => string): void {
    this.#rows.show(items, keyOf);
  }
}
