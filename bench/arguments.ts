/**
 * The number above 0 that a word of the command line stands for. Where it is none this process ends with status 2, and says so.
 *
 * @param kind a whole one, where it counts something or goes to a program that takes no other
 */
export function positive(name: string, text: string, kind: 'whole' | 'any' = 'whole'): number {
  const value = Number(text);
  if (value > 0 && (Number.isInteger(value) || (kind === 'any' && Number.isFinite(value)))) return value;
  return refuse(`--${name} takes a ${kind === 'whole' ? 'whole ' : ''}number above 0, not "${text}"`);
}

/** Ends this process: the command line makes no sense, and this is what to do about it. */
export function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

/** Whether a name is among those that `--only` leaves: all of its words are in it, in any case. */
export function isAmong(words: readonly string[], name: string): boolean {
  return words.every((word) => name.toLowerCase().includes(word.toLowerCase()));
}
