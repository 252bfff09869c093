import { type LoggedAnswer, type LoggedRequest, requestLine } from '../log/request-line.ts';
import { environSize, isMuted } from '../wire/messages.ts';
import type { Exchange } from './exchange.ts';
import type { RequestVariables } from './request-variables.ts';

/** An answer of the gateway's own, as the log tells it. */
export type OwnAnswer = Pick<LoggedAnswer, 'status' | 'head' | 'bodySize' | 'via'>;

/** The lines about requests that the gateway answered itself. */
export class AnswerLog {
  readonly #log: (line: string) => void;
  readonly #isMuted: () => boolean;
  #count = 0;

  /** @param isMuted whether requests are logged at all, as it is now */
  constructor(log: (line: string) => void, isMuted: () => boolean) {
    this.#log = log;
    this.#isMuted = isMuted;
  }

  add(request: LoggedRequest, exchange: Exchange, answer: OwnAnswer): void {
    this.#count++;
    if (this.#isMuted() || isMuted(exchange.frame)) return;
    const spentMs = performance.now() - exchange.since;
    this.#log(requestLine(request, { ...answer, begun: new Date(Date.now() - spentMs), spentMs }, this.#count));
  }
}

/** What the log tells of a request; to be read while its variables are as the client sent them. */
export function loggedRequest(variables: RequestVariables, exchange: Exchange): LoggedRequest {
  return {
    method: variables.get('REQUEST_METHOD'),
    uri: variables.get('REQUEST_URI'),
    protocol: variables.get('SERVER_PROTOCOL'),
    address: variables.get('REMOTE_ADDR'),
    user: variables.get('REMOTE_USER'),
    ...environSize(exchange.frame),
  };
}
