import { type Origin, TsuwsgiError } from './error.ts';

/** What is wrong with the text of a rule; whoever knows where that was written makes a RouteError of it. */
export class RuleFlaw extends Error {
  /** Where it begins, counted from 1; undefined where that is nowhere in particular. */
  readonly column: number | undefined;
  /** What to write or to do instead; each one complete. */
  readonly suggestions: readonly string[];

  constructor(message: string, { column, suggestions = [] }: { column?: number; suggestions?: readonly string[] } = {}) {
    super(message);
    this.column = column;
    this.suggestions = suggestions;
  }

  /** The same flaw in a text of which that one begins at this place, counted from 0. */
  within(start: number): RuleFlaw {
    const { message, column, suggestions } = this;
    return column === undefined ? this : new RuleFlaw(message, { column: column + start, suggestions });
  }
}

/** A rule of `route`, `response-route` and the like that cannot be followed: no such action, no such condition, an expression that is none. */
export class RouteError extends TsuwsgiError {
  readonly code = 'TSU_ROUTE';

  constructor({ name, text, origin }: { name: string; text: string; origin: Origin }, { message, column, suggestions }: RuleFlaw) {
    const place = column === undefined ? '' : ` (column ${column} of the value)`;
    super(`"${name} = ${text}": ${message}${place}`, { origin, suggestions });
  }
}
