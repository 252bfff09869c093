import { page } from '../protocol/http/page.ts';
import type { ResponseStart } from '../protocol/response.ts';
import type { Counters } from './counters.ts';

/** The page with which the gateway itself answers, counted as such. @param fields of the head, each with its line end */
export function ownPage(counters: Pick<Counters, 'answered'>, status: number, fields = ''): ResponseStart {
  const answer = page(status, fields);
  counters.answered('other', status, answer.bytes.length);
  return answer;
}
