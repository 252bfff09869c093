import { filledLine, jsonLine } from '../log/filled-line.ts';
import type { RequestLogSettings } from '../log/format.ts';
import type { LoggedAnswer, LoggedRequest } from '../log/request-line.ts';
import { isSelected } from '../log/selection.ts';
import { environSize, isMuted } from '../wire/messages.ts';
import type { Answerer, Counters } from './counters.ts';
import type { Exchange } from './exchange.ts';
import type { RequestVariables } from './request-variables.ts';

/** An answer of the gateway's own, as the log tells it, and whose it is. */
export interface OwnAnswer extends Pick<LoggedAnswer, 'status' | 'head' | 'bodySize' | 'via'> {
  readonly by: Answerer;
}

/** Whether requests are logged, and how. */
export interface AnswerLogSettings {
  readonly logRequests: boolean;
  readonly requestLog: RequestLogSettings;
}

/** The lines about requests that the gateway answered itself, and their count. */
export class AnswerLog {
  readonly #log: (line: string) => void;
  readonly #settings: () => AnswerLogSettings | undefined;
  readonly #counters: Counters | undefined;
  #count = 0;

  /**
   * @param settings as they are now; undefined where nothing is logged
   * @param counters undefined where somebody else counts these requests
   */
  constructor(log: (line: string) => void, settings: () => AnswerLogSettings | undefined, counters?: Counters) {
    this.#log = log;
    this.#settings = settings;
    this.#counters = counters;
  }

  add(request: LoggedRequest, exchange: Exchange, answer: OwnAnswer): void {
    this.#count++;
    this.#counters?.answered(answer.by, answer.status, answer.head.length + answer.bodySize);
    const settings = this.#settings();
    if (settings === undefined || isMuted(exchange.frame)) return;
    const spentMs = performance.now() - exchange.since;
    const { logRequests, requestLog } = settings;
    if (!logRequests && !isSelected(requestLog.selection, { ...answer, spentMs })) return;
    const told = { request, answer: { ...answer, begun: new Date(Date.now() - spentMs), spentMs }, count: this.#count };
    this.#log(requestLog.form === 'json' ? jsonLine(told) : filledLine(requestLog, told));
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
    variable: (name) => variables.get(name),
  };
}
