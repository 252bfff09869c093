import { RouteError } from '../errors/routing.ts';
import type { OptionEntry } from '../options/entry.ts';
import { isFree, parseCollection } from '../options/header.ts';
import { findByName } from '../options/names.ts';
import type { Options } from '../options/registry.ts';
import { lostJump } from '../routing/jumps.ts';
import { chainOf, parseRule } from '../routing/parse-rule.ts';
import type { Chain, Rule, Rules } from '../routing/rule.ts';
import type { Collected, ErrorPages, HeaderChanges, RoutingSettings } from './routing-settings.ts';

/**
 * The rules, each kind of them in the order of writing, whatever their options: hence the entries and not the options.
 *
 * @throws RouteError for a jump to a label that is not below it
 */
export function planRouting(options: Options, entries: readonly OptionEntry[]): RoutingSettings {
  return { rules: planRules(entries), collected: planCollected(options) };
}

/** What happens to the headers of all responses. */
export function planHeaders({ addHeader, remHeader }: Options): HeaderChanges {
  const added = addHeader.filter(isFree).map((line) => line.replace(/:\s*/, ': '));
  // Heads are bytes.
  return { added: added.map((line) => Buffer.from(line, 'utf8').toString('latin1')), removed: remHeader };
}

export function planErrorPages({ errorPage404, errorPage500 }: Options): ErrorPages {
  return { '404': errorPage404, '500': errorPage500 };
}

/** Whether requests or their responses are looked at, which only the gateway does. */
export function routes({ rules, collected }: RoutingSettings): boolean {
  return collected.length > 0 || Object.values(rules).some((chain) => chain.length > 0);
}

function planRules(entries: readonly OptionEntry[]): Rules {
  const chains: Record<Chain, { entry: OptionEntry; rule: Rule }[]> = { request: [], error: [], response: [], final: [] };
  for (const entry of entries) {
    const option = findByName(entry.name);
    const chain = option === undefined ? undefined : chainOf(option);
    if (option !== undefined && chain !== undefined) chains[chain].push({ entry, rule: parseRule(option, entry.text) });
  }
  return {
    request: checked(chains.request),
    error: checked(chains.error),
    response: checked(chains.response),
    final: checked(chains.final),
  };
}

function checked(chain: readonly { entry: OptionEntry; rule: Rule }[]): readonly Rule[] {
  const rules = chain.map(({ rule }) => rule);
  const lost = lostJump(rules);
  const entry = lost && chain[lost.at]?.entry;
  if (entry) throw new RouteError(entry, lost.flaw);
  return rules;
}

function planCollected({ collectHeader, pullHeader }: Options): readonly Collected[] {
  return [
    ...collectHeader.map((text) => ({ ...parseCollection(text), isTaken: false })),
    ...pullHeader.map((text) => ({ ...parseCollection(text), isTaken: true })),
  ].map(({ header, variable, isTaken }) => ({ header: header.toLowerCase(), variable, isTaken }));
}
