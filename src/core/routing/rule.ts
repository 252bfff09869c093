import type { Action } from './action.ts';
import type { Condition } from './conditions.ts';
import type { Pattern } from './pattern.ts';

/** Which rules: those for requests, those for their responses, and those for what is left to do when a response is complete. */
export type Chain = 'request' | 'error' | 'response' | 'final';

/** When a rule is followed. */
export type Test =
  | { readonly kind: 'always' }
  | { readonly kind: 'match'; readonly variable: string; readonly pattern: Pattern }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'condition'; readonly condition: Condition; readonly isWanted: boolean };

/** A rule, or a place that rules jump to. Plain data. */
export type Rule = { readonly label: string } | { readonly test: Test; readonly action: Action };

export type Rules = Readonly<Record<Chain, readonly Rule[]>>;
