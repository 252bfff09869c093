import type { CgiAsked } from './response.ts';
import type { CgiVariables } from './variables.ts';

/** How an address speaks FastCGI or SCGI. */
export interface CgiTerms {
  /** The largest head, in bytes; another one may come into force between two requests. */
  limit: number;
  readonly form: CgiAsked['form'];
  readonly variables: CgiVariables;
}
