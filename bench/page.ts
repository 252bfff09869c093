/** How the page of the figures is put together. */

/** The text of a section, from its title on, by title. */
type SectionTexts = ReadonlyMap<string, string>;

const TITLE = '\n## ';

/** What stands before the first section of a page, and the sections. */
function readPage(page: string): { readonly head: string; readonly sections: SectionTexts } {
  const [head = '', ...texts] = page.split(TITLE);
  return { head: head.trim(), sections: new Map(texts.map((text) => [firstLine(text), `## ${text.trim()}`])) };
}

/**
 * A page in which some sections are new.
 *
 * @param titles of all sections, in their order; of others nothing is kept
 * @param note says of those that are new when and how they were measured
 */
export function mergePage(page: string, measured: SectionTexts, { titles, note }: { titles: readonly string[]; note: string }): string {
  const { head, sections } = readPage(page);
  const texts = titles.flatMap((title) => {
    const text = measured.get(title);
    return text === undefined ? (sections.get(title) ?? []) : `${text}\n\n${note}`;
  });
  return `${[head, ...texts].join('\n\n')}\n`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
