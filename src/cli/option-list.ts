/** Options as rows of text, for help and for the command `options`. */
import { type KnownOption, namesOf } from '../core/options/names.ts';

export type Row = [left: string, right: string];

/** `-p, --processes=N` and what it does. */
export function helpRow(option: KnownOption): Row {
  return [spelling(option), `${option.help ?? ''}${defaultOf(option)}`];
}

/** The same with all names and notes, for options that are not supported as well. */
export function fullRow(option: KnownOption): Row {
  const [left, right] = helpRow(option);
  const aliases = option.aliases.map((alias) => `--${alias}`);
  const sentences = [
    right === '' ? '' : `${right}.`,
    aliases.length === 0 ? '' : `Also ${aliases.join(', ')}.`,
    verdict(option),
    option.note ?? '',
  ];
  return [left, sentences.filter((sentence) => sentence !== '').join(' ')];
}

/** Whether a name, an alias or the description has this word in it. */
export function mentions(word: string, option: KnownOption): boolean {
  const wanted = word.toLowerCase().replace(/^-+/, '');
  const texts = [...namesOf(option), option.help, option.note, option.instead];
  return texts.some((text) => text?.toLowerCase().includes(wanted));
}

/** How far the option is honoured, where that is not all the way. */
function verdict({ support, isRefused, instead = '' }: KnownOption): string {
  if (support === 'accepted') return 'No effect:';
  if (support !== 'unsupported') return '';
  return `${isRefused ? 'Not supported, and an error' : 'Not supported'}: ${instead}.`;
}

function spelling({ name, short, arity, metavar }: KnownOption): string {
  const letter = short === undefined ? '    ' : `-${short}, `;
  if (arity === 'none') return `${letter}--${name}`;
  return `${letter}--${name}${arity === 'required' ? `=${metavar}` : `[=${metavar}]`}`;
}

function defaultOf(option: KnownOption): string {
  // Zero is said in words by the help text of each option that has it.
  return typeof option.default === 'number' && option.default !== 0 ? ` [default: ${option.default}]` : '';
}
