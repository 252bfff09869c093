import { setFlagsFromString } from 'node:v8';

/** Of V8, in all versions of Node on which we run; one that does not know it says so, and goes on. */
const LINEAR_AFTER_MUCH = '--enable-experimental-regexp-engine-on-excessive-backtracks';

/**
 * An expression of a rule such as `^(a+)+$` can be held up for hours by one request that was made for it, and all clients with it. From now on
 * one that goes back too often is matched by V8's other engine, which takes linear time. It knows no (?i), look-around and references back:
 * those go on as before. To be called before expressions are made.
 */
export function boundExpressions(): void {
  setFlagsFromString(LINEAR_AFTER_MUCH);
}
