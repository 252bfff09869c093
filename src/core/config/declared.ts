/** Options that a configuration declares itself: `declare-option = shout=print=$1!;print=$1!!`. */
import type { OptionEntry } from '../options/entry.ts';
import { splitPair } from '../options/pair.ts';

export interface Declaration {
  readonly name: string;
  /** What it stands for, with `$1`, `$2` … for the words of its value. */
  readonly template: readonly (readonly [key: string, value: string])[];
}

/** The declaration in `name=key=value;key=value`, or undefined where there is none. */
export function declare(text: string): Declaration | undefined {
  const [, name, template] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || template === undefined) return undefined;
  return {
    name,
    template: template
      .split(';')
      .filter((part) => part !== '')
      .map(splitPair),
  };
}

/** The entries that a use of a declared option stands for. A place without a word stays as it is written. */
export function unfold({ template }: Declaration, { text, origin }: OptionEntry): OptionEntry[] {
  const words = text.split(/ +/);
  return template.map(([key, value]) => ({
    name: key,
    text: value.replaceAll(/\$(\d+)/g, (whole, number: string) => words[Number(number) - 1] ?? whole),
    origin,
  }));
}
