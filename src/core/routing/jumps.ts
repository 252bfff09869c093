import { RuleFlaw } from '../errors/routing.ts';
import type { Rule } from './rule.ts';

/** The rule, by its place, that jumps to a label which is not behind it; undefined where all is well. */
export function lostJump(rules: readonly Rule[]): { readonly at: number; readonly flaw: RuleFlaw } | undefined {
  for (const [at, rule] of rules.entries()) {
    if ('label' in rule || rule.action.kind !== 'goto') continue;
    const { label } = rule.action;
    const isBehind = rules.slice(at + 1).some((other) => 'label' in other && other.label === label);
    if (!isBehind)
      return {
        at,
        flaw: flawOf(
          label,
          rules.some((other) => 'label' in other && other.label === label),
        ),
      };
  }
  return undefined;
}

function flawOf(label: string, isThere: boolean): RuleFlaw {
  if (isThere)
    return new RuleFlaw(`goto only jumps forward, and the label "${label}" is above it`, { suggestions: ['move the label down'] });
  return new RuleFlaw(`there is no label "${label}"`, { suggestions: [`write a route-label = ${label} below it`] });
}
