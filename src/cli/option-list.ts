/** Options as rows of text, for help and for the command `options`. */
import type { Option } from '../core/options/define.ts';

export type Row = [left: string, right: string];

/** `-p, --processes=N` and what it does. */
export function helpRow(name: string, option: Option): Row {
  const letter = option.short === undefined ? '    ' : `-${option.short}, `;
  return [`${letter}--${name}${argumentOf(option)}`, `${option.help}${defaultOf(option)}`];
}

/** The same with all names and notes. */
export function fullRow(name: string, option: Option): Row {
  const [left, right] = helpRow(name, option);
  const aliases = (option.aliases ?? []).map((alias) => `--${alias}`);
  const sentences = [`${right}.`, aliases.length === 0 ? '' : `Also ${aliases.join(', ')}.`, option.note ?? ''];
  return [left, sentences.filter((sentence) => sentence !== '').join(' ')];
}

/** Whether a name, an alias or the description has this word in it. */
export function mentions(word: string, name: string, option: Option): boolean {
  const wanted = word.toLowerCase().replace(/^-+/, '');
  return [name, ...(option.aliases ?? []), option.help, option.note ?? ''].some((text) => text.toLowerCase().includes(wanted));
}

function argumentOf({ arity, metavar = 'VALUE' }: Option): string {
  if (arity === 'none') return '';
  return arity === 'required' ? `=${metavar}` : `[=${metavar}]`;
}

function defaultOf(option: Option): string {
  // Zero is said in words by the help text of each option that has it.
  return typeof option.default === 'number' && option.default !== 0 ? ` [default: ${option.default}]` : '';
}
