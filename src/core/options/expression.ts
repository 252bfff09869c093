/** Regular expressions, which are JavaScript's where the gateway uses them and Python's where they are for lines of the log. */

/** What PCRE knows and JavaScript reads as something else, without an error: anchors and classes by a letter, POSIX classes. */
const ANOTHER_MEANING = /(?<!\\)(?:\\\\)*(\\[AEGHKNQRXZhz]|\[\[:)/;

/**
 * An expression of JavaScript.
 *
 * @throws RangeError that says what is wrong with it
 */
export function parseExpression(text: string): string {
  const [, foreign] = ANOTHER_MEANING.exec(text) ?? [];
  if (foreign !== undefined) throw new RangeError(`a regular expression of JavaScript, which has no "${foreign}"`);
  refuseFaulty(text);
  return text;
}

/**
 * An expression of Python, which reads it later; what is wrong in both languages is told here.
 *
 * @throws RangeError that says what is wrong with it
 */
export function parsePythonExpression(text: string): string {
  // What Python writes in its own way is left to it.
  refuseFaulty(text.replace(/^\(\?[aiLmsux]+\)/, '').replaceAll('(?P<', '(?<'));
  return text;
}

function refuseFaulty(text: string): void {
  if (text === '') throw new RangeError('a regular expression');
  try {
    new RegExp(text);
  } catch (error) {
    throw new RangeError(`a regular expression (${(error as Error).message})`, { cause: error });
  }
}
