/** Conditional requests (RFC 9110 13). */
import { parseDate } from './dates.ts';

/** What tells one state of a representation from another. */
export interface Validators {
  /** A strong entity tag, with its quotes. */
  readonly tag: string;
  /** When it was changed last, in whole seconds since 1970: what Last-Modified can say. */
  readonly modifiedAt: number;
}

/** The fields of a request that make it conditional; empty where it has none. */
export interface Conditions {
  readonly ifMatch: string;
  readonly ifNoneMatch: string;
  readonly ifModifiedSince: string;
  readonly ifUnmodifiedSince: string;
  readonly ifRange: string;
}

const TAG = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g;

/** What comes of a GET or HEAD under these conditions, in the order of RFC 9110 13.2.2. */
export function judge(conditions: Conditions, validators: Validators): 'answer' | 'not modified' | 'failed' {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== '') {
    if (!listsTag(ifMatch, validators.tag, 'strong')) return 'failed';
  } else if (isBefore(ifUnmodifiedSince, validators.modifiedAt)) return 'failed';
  if (ifNoneMatch !== '') return listsTag(ifNoneMatch, validators.tag, 'weak') ? 'not modified' : 'answer';
  const since = parseDate(ifModifiedSince);
  return since !== undefined && validators.modifiedAt * 1000 <= since ? 'not modified' : 'answer';
}

/** Whether a Range is to be heeded: the client has a part of just this state, or does not ask (RFC 9110 13.1.5). */
export function isSameState({ ifRange }: Conditions, { tag, modifiedAt }: Validators): boolean {
  return ifRange === '' || ifRange === tag || parseDate(ifRange) === modifiedAt * 1000;
}

function listsTag(list: string, tag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  return [...list.matchAll(TAG)].some(([, weak, opaque]) => opaque === tag && (comparison === 'weak' || weak === undefined));
}

function isBefore(date: string, modifiedAt: number): boolean {
  const ms = parseDate(date);
  return ms !== undefined && ms < modifiedAt * 1000;
}
