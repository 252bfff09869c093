import type { CgiAsked } from './response.ts';
import type { CgiVariables } from './variables.ts';

/** How an address speaks FastCGI, SCGI or uwsgi. */
export interface CgiTerms {
  /** The largest head, in bytes; another one may come into force between two requests. */
  limit: number;
  /** The largest number of variables in a uwsgi packet; 0 for any. */
  maxVariables: number;
  readonly form: CgiAsked['form'];
  readonly variables: CgiVariables;
}
