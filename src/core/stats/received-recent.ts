/** What happened lately, as it came from elsewhere: of tsuwsgi, or of whoever answers at that address. */
import { conform, isRecord } from './conform.ts';
import type { Recent, RequestName } from './recent.ts';

// An example of each kind of object, as for the statistics.

const REQUEST: RequestName = { at: 0, worker: 0, core: 0, application: '', method: '', uri: '' };

const RECENT: Recent = {
  errors: [{ ...REQUEST, error: '', traceback: '' }],
  slow: [{ ...REQUEST, ranMs: 0, stack: '' }],
  events: [{ at: 0, text: '' }],
};

const OPTIONAL = new Map([[RECENT, { untold: 0 } satisfies Partial<Recent>]]);

/** What a text tells, each figure a number and each name a string. Undefined where it tells nothing of the kind. */
export function receiveRecent(text: string): Recent | undefined {
  const value = parse(text);
  if (!isRecord(value) || !Object.keys(RECENT).every((key) => Array.isArray(value[key]))) return undefined;
  return conform(value, RECENT, OPTIONAL) as Recent;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
