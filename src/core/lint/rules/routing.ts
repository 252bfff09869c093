/** Rules for requests and responses that cannot be followed as they stand. */
import { RuleFlaw } from '../../errors/routing.ts';
import { lostJump } from '../../routing/jumps.ts';
import { chainOf, parseRule } from '../../routing/parse-rule.ts';
import type { Rule as RoutingRule } from '../../routing/rule.ts';
import type { Configuration, NamedEntry } from '../configuration.ts';
import { about, type Finding } from '../finding.ts';
import type { Rule } from '../rule.ts';

export const routingRules: readonly Rule[] = [
  {
    id: 'lost-jump',
    severity: 'error',
    title: 'A goto without its label',
    why: 'Rules are followed from the first to the last, and `goto` only jumps forward: to a `route-label` of its own kind of rules, below it.',
    remedy: 'Write the label below the rule that jumps to it.',
    check: (configuration) => (['request', 'error', 'response', 'final'] as const).flatMap((chain) => lostIn(configuration, chain)),
  },
];

function lostIn({ entries }: Configuration, chain: ReturnType<typeof chainOf>): readonly Finding[] {
  const written = entries.filter(({ option }) => chainOf(option) === chain).flatMap(readable);
  const lost = lostJump(written.map(({ rule }) => rule));
  const entry = lost && written[lost.at]?.entry;
  return entry ? [about(entry, lost.flaw.message, lost.flaw.suggestions[0])] : [];
}

/** Of one that is wrong in itself the reading has told already. */
function readable(entry: NamedEntry): readonly { readonly entry: NamedEntry; readonly rule: RoutingRule }[] {
  try {
    return [{ entry, rule: parseRule(entry.option, entry.text) }];
  } catch (error) {
    if (error instanceof RuleFlaw) return [];
    throw error;
  }
}
