import type { Users } from './action.ts';
import type { PathKind } from './conditions.ts';
import type { Credentials } from './password.ts';

/** The variables of a request, as latin-1. */
export interface Variables {
  get(name: string): string;
  has(name: string): boolean;
  set(name: string, value: string): void;
  delete(name: string): void;
}

/** What rules ask of those around them. */
export interface Surroundings {
  /** What is at this path; undefined for nothing. */
  look(path: string): (PathKind & { readonly modifiedMs: number }) | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  isKnown(users: Users, credentials: Credentials): boolean;
  log(line: string): void;
}

/** What rules did to one request beside its variables. */
export interface Effects {
  /** Header lines for the response, `Name: value` without a line break. */
  readonly added: string[];
  /** Names of headers, in lower case, that the application's response loses. */
  readonly removed: string[];
  isUnlogged: boolean;
}

export function noEffects(): Effects {
  return { added: [], removed: [], isUnlogged: false };
}

/** One request or response, and what comes of it. */
export interface Case {
  readonly variables: Variables;
  /** Of its response, where it has one. */
  readonly status: number | undefined;
  readonly effects: Effects;
}
