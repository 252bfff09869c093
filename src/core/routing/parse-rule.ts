/** The text of one rule → plain data. What comes first in it depends on its option: `route = REGEX ACTION`, `route-if = CONDITION ACTION`. */
import { RuleFlaw } from '../errors/routing.ts';
import type { Action } from './action.ts';
import { parseAction } from './actions.ts';
import { parseCondition } from './conditions.ts';
import { translatePattern } from './pattern.ts';
import type { Chain, Rule, Test } from './rule.ts';

/** What an expression is held against, by the end of the option's name. */
const VARIABLES = {
  '': 'PATH_INFO',
  '-uri': 'REQUEST_URI',
  '-host': 'HTTP_HOST',
  '-qs': 'QUERY_STRING',
  '-remote-addr': 'REMOTE_ADDR',
  '-user-agent': 'HTTP_USER_AGENT',
  '-remote-user': 'REMOTE_USER',
  '-referer': 'HTTP_REFERER',
} as const;

/** The option of a rule: `response-route` and `-if-not` of `response-route-if-not`. */
const OPTION = /^(?:(response|error|final)-)?route(-[a-z-]+)?$/;

/** Which rules an option adds to; undefined for an option that adds none. */
export function chainOf(option: string): Chain | undefined {
  const [whole, chain] = OPTION.exec(option) ?? [];
  if (whole === undefined) return undefined;
  return (chain as Chain | undefined) ?? 'request';
}

/**
 * @param option the name of the option: `route-if`
 * @throws RuleFlaw
 */
export function parseRule(option: string, written: string): Rule {
  // Requests are bytes, so rules are, too: one character each.
  const text = Buffer.from(written, 'utf8').toString('latin1');
  const [, , subject = ''] = OPTION.exec(option) ?? [];
  if (subject === '-label') return { label: text };
  const chain = chainOf(option) ?? 'request';
  if (subject === '-run') return { test: { kind: 'always' }, action: parseActionOf(chain, text, 0) };
  const blank = text.indexOf(' ');
  if (blank < 1)
    throw new RuleFlaw('a rule has two parts with a blank between them', { suggestions: [`write "${option} = ${formOf(subject)}"`] });
  const test = parseTest(subject, text.slice(0, blank));
  // Blanks between the two are no part of either.
  const start = text.length - text.slice(blank).trimStart().length;
  return { test, action: parseActionOf(chain, text.slice(start), start) };
}

function formOf(subject: string): string {
  if (subject === '-if' || subject === '-if-not') return 'CONDITION:TEXT ACTION:ARGUMENT';
  return subject === '-status' ? 'STATUS ACTION:ARGUMENT' : 'REGEX ACTION:ARGUMENT';
}

function parseTest(subject: string, text: string): Test {
  if (subject === '-if' || subject === '-if-not') {
    return { kind: 'condition', condition: parseCondition(text), isWanted: subject === '-if' };
  }
  if (subject === '-status') {
    if (!/^\d{3}$/.test(text)) throw new RuleFlaw(`"${text}" is no status`, { column: 1, suggestions: ['write a status such as 404'] });
    return { kind: 'status', status: Number(text) };
  }
  return { kind: 'match', variable: VARIABLES[subject as keyof typeof VARIABLES], pattern: translatePattern(text) };
}

/** What is left to do when the response is complete. */
const AT_THE_END: ReadonlySet<Action['kind']> = new Set(['end', 'goto', 'log', 'set']);

function parseActionOf(chain: Chain, text: string, start: number): Action {
  const action = attempt(() => parseAction(text, chain === 'request' ? 'request' : 'response'), start);
  if (chain !== 'final' || AT_THE_END.has(action.kind)) return action;
  throw new RuleFlaw(`"${text.replace(/:.*/s, '')}" comes too late when the response is complete`, {
    suggestions: ['write it with response-route in the place of final-route'],
  });
}

function attempt<Result>(parse: () => Result, start: number): Result {
  try {
    return parse();
  } catch (error) {
    throw error instanceof RuleFlaw ? error.within(start) : error;
  }
}
