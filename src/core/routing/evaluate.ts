/**
 * Rules, followed one after the other for one request or response, until one ends it.
 *
 *     rule 1 ──▶ rule 2 ──goto──▶ label ──▶ rule 4 ──▶ …  end: nothing else was decided
 *                   └── redirect, return, break, static, basicauth: an answer
 */
import type { Answer } from './answer.ts';
import type { Case, Surroundings } from './case.ts';
import { find, type Found, groupsOf } from './conditions.ts';
import { Doing } from './doing.ts';
import { fill } from './fill.ts';
import type { Rule, Test } from './rule.ts';

/** Rules, ready to be followed as often as one likes. */
export class Evaluator {
  readonly #rules: readonly { readonly rule: Rule; readonly expression: RegExp | undefined }[];
  readonly #around: Surroundings;

  constructor(rules: readonly Rule[], around: Surroundings) {
    this.#around = around;
    this.#rules = rules.map((rule) => ({ rule, expression: expressionOf(rule) }));
  }

  /** The answer that the rules have; undefined where the request goes its way, with what they did to it. */
  run(it: Case): Answer | undefined {
    let label: string | undefined;
    for (const { rule, expression } of this.#rules) {
      if ('label' in rule) {
        if (rule.label === label) label = undefined;
        continue;
      }
      // A jump goes on until its label comes.
      const groups = label === undefined ? this.#find(rule.test, expression, it) : undefined;
      if (groups === undefined) continue;
      const step = new Doing(it, groups, this.#around).follow(rule.action);
      if (step.then === 'answer') return step.answer;
      if (step.then === 'end') return undefined;
      if (step.then === 'goto') label = step.label;
    }
    return undefined;
  }

  #find(test: Test, expression: RegExp | undefined, it: Case): Found {
    switch (test.kind) {
      case 'always':
        return [];
      case 'status':
        return test.status === it.status ? [] : undefined;
      case 'match': {
        // As in uWSGI, nothing matches a variable that is not there, not even an expression for the empty text.
        const found = it.variables.has(test.variable) ? expression?.exec(it.variables.get(test.variable)) : undefined;
        return found ? groupsOf(found) : undefined;
      }
      case 'condition': {
        const { condition, isWanted } = test;
        const { filling } = new Doing(it, [], this.#around);
        const right = condition.right === undefined ? '' : fill(condition.right, filling);
        const found = find(condition, { left: fill(condition.left, filling), right, look: (path) => this.#around.look(path) });
        return isWanted ? found : found === undefined ? [] : undefined;
      }
    }
  }
}

function expressionOf(rule: Rule): RegExp | undefined {
  if ('label' in rule || rule.test.kind !== 'match') return undefined;
  const { source, flags } = rule.test.pattern;
  return new RegExp(source, flags);
}
