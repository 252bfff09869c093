/** A phrase of the registry as a sentence: `fork workers` → `Fork workers.` */
export function asSentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}${phrase.endsWith('.') ? '' : '.'}`;
}
