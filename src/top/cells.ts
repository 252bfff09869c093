/** Text as a terminal shows it: in cells, of which a wide character takes two. */
import stringWidth from 'string-width';

const ELLIPSIS = '…';
const PRINTABLE_ASCII = /^[ -~]*$/;
const graphemes = new Intl.Segmenter();

/** How many cells a text takes that has no control characters. */
export function cellsOf(text: string): number {
  return PRINTABLE_ASCII.test(text) ? text.length : stringWidth(text);
}

/** Names that operators give: any script, but nothing that moves the cursor or turns the direction of what follows. */
export function harmless(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}

/**
 * What a client said, in ASCII: all else as a browser would have sent it, `%1B`.
 *
 * @param text a character for each byte, as our own statistics have it, or any characters, as uWSGI's do
 */
export function fromClient(text: string): string {
  return text.replaceAll(/[^ -~]/gu, (character) => (character <= 'ÿ' ? percent(character.charCodeAt(0)) : percentUtf8(character)));
}

function percentUtf8(character: string): string {
  return [...Buffer.from(character)].map(percent).join('');
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The text in so many cells at most; what is cut away shows as `…`. */
export function cut(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  let kept = '';
  let room = cells - cellsOf(ELLIPSIS);
  if (room < 0) return '';
  for (const { segment } of graphemes.segment(text)) {
    room -= cellsOf(segment);
    if (room < 0) break;
    kept += segment;
  }
  return kept + ELLIPSIS;
}

/** The text in exactly so many cells. */
export function fit(text: string, cells: number, align: 'left' | 'right' = 'left'): string {
  const short = cut(text, cells);
  const blanks = ' '.repeat(Math.max(0, cells - cellsOf(short)));
  return align === 'left' ? short + blanks : blanks + short;
}
