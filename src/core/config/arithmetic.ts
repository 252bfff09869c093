/**
 * `%(port + 1)`: the words are worked off from left to right, without precedence and without brackets, as in uWSGI.
 *
 *     words side by side    `%(base name)`        the texts joined
 *     + - * /               `%(port + 1)`         whole numbers; what is divided by 0 is 0
 *     ++ --                 `%(port ++)`          after the word
 *
 * A word of digits is itself, any other one a key; a key that is not there is the empty text.
 */

const OPERATIONS: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0 ? 0 : left / right),
};

const STEPS: Readonly<Record<string, number>> = { '++': 1, '--': -1 };

/** The result as text. `valueOf` gives the value of a key. */
export function calculate(expression: string, valueOf: (key: string) => string | undefined): string {
  let result = '';
  let pending: ((left: number, right: number) => number) | undefined;
  for (const word of expression.split(' ').filter((one) => one !== '')) {
    const step = STEPS[word];
    if (OPERATIONS[word]) pending = OPERATIONS[word];
    else if (step !== undefined) result = String(toInteger(result) + step);
    else {
      const value = /^\d+$/.test(word) ? word : (valueOf(word) ?? '');
      result = pending ? String(Math.trunc(pending(toInteger(result), toInteger(value)))) : result + value;
      pending = undefined;
    }
  }
  return result;
}

/** C's atoi: the digits at the beginning, and 0 where there are none. */
function toInteger(text: string): number {
  return Number.parseInt(text, 10) || 0;
}
