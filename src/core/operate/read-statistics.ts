/** Reads statistics from wherever they are: again and again, from the same source. */
import {
  NoRecentError,
  StatisticsAnswerError,
  StatisticsForbiddenError,
  StatisticsTokenError,
  StatisticsUnreachableError,
} from '../errors/operate.ts';
import type { AnyStatsDocument } from '../stats/document.ts';
import { checkDocument, receiveDocument } from '../stats/received-document.ts';
import { receiveRecent } from '../stats/received-recent.ts';
import type { Recent } from '../stats/recent.ts';
import { ask } from './ask.ts';
import { findServer } from './find-server.ts';
import { giveOrder } from './give-order.ts';
import { httpAnswer } from './http-answer.ts';
import { pathOf, type StatisticsSource, type Wanted } from './statistics-source.ts';

export interface Statistics {
  /** As they came. */
  readonly text: string;
  readonly document: AnyStatsDocument;
}

export interface RecentStatistics {
  /** As it came. */
  readonly text: string;
  readonly recent: Recent;
}

/** For one reading. */
const DEADLINE_MS = 5000;
/** A server that says nothing by then waits for a request, as one with `stats-http` does. */
const SILENCE_MS = 200;

export class StatisticsReader {
  readonly #source: StatisticsSource;
  readonly #token: string | undefined;
  #silenceMs: number;

  /** @param token the server's `stats-token`, where it has one */
  constructor(source: StatisticsSource, token: string | undefined) {
    this.#source = source;
    this.#token = token;
    this.#silenceMs = source.kind === 'http' ? 0 : SILENCE_MS;
  }

  /**
   * What the server tells now. A server that is named by its pid file may be another one each time.
   *
   * @param end nobody waits for it any longer when this is aborted
   * @throws TsuwsgiError when nobody answers within five seconds, or something else
   */
  async read(end?: AbortSignal): Promise<Statistics> {
    const text = await this.#told('stats', end);
    return { text, document: this.#received(text) };
  }

  /** The same as it came, also of an emperor, which has no workers to tell of. At an address anything may answer. */
  async readText(end?: AbortSignal): Promise<string> {
    const text = await this.#told('stats', end);
    if (this.#source.kind !== 'server') this.#understood(() => checkDocument(text));
    return text;
  }

  /**
   * What happened lately.
   *
   * @throws TsuwsgiError when nobody answers within five seconds, or something else: at an address only `stats-http` tells it
   */
  async readRecent(): Promise<RecentStatistics> {
    const text = await this.#told('recent');
    const recent = receiveRecent(text);
    if (recent !== undefined) return { text, recent };
    // Servers of uWSGI tell no state.
    throw new NoRecentError(nameOf(this.#source), this.#received(text).state === undefined ? 'uWSGI' : 'tsuwsgi');
  }

  async #told(wanted: Wanted, end?: AbortSignal): Promise<string> {
    const late = AbortSignal.timeout(DEADLINE_MS);
    const deadline = end === undefined ? late : AbortSignal.any([late, end]);
    const source = this.#source;
    if (source.kind === 'server') return (await giveOrder(findServer(source.target), { type: wanted }, deadline)).text;
    const question = { path: pathOf(source, wanted), token: this.#token, silenceMs: this.#silenceMs, deadline };
    const answer = await ask(source.place, question).catch((error: unknown) => {
      throw unreachable(source.text, error as NodeJS.ErrnoException);
    });
    return answer.startsWith('HTTP/') ? this.#bodyOf(answer) : answer;
  }

  #bodyOf(answer: string): string {
    // From now on it is asked at once.
    this.#silenceMs = 0;
    const { status, reason, body } = httpAnswer(answer);
    const name = nameOf(this.#source);
    switch (status) {
      case 200:
        return body;
      case 401:
        throw new StatisticsTokenError(name, this.#token === undefined ? 'missing' : 'wrong');
      case 403:
        throw new StatisticsForbiddenError(name, reason);
      default:
        throw new StatisticsAnswerError(name, reason);
    }
  }

  /** @throws StatisticsAnswerError when the text is no statistics of a server */
  #received(text: string): AnyStatsDocument {
    return this.#understood(() => receiveDocument(text));
  }

  #understood<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw new StatisticsAnswerError(nameOf(this.#source), (error as Error).message);
    }
  }
}

/** What people call it. */
export function nameOf(source: StatisticsSource): string {
  if (source.kind !== 'server') return source.text;
  return source.target === undefined ? 'the server' : `server ${source.target}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'nothing listens there',
  ECONNRESET: 'whoever listens there has hung up without an answer',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'no name server tells where that host is',
  EHOSTUNREACH: 'that host cannot be reached',
  ENETUNREACH: 'that host cannot be reached',
  EACCES: 'this user may not connect',
  ABORT_ERR: `no answer within ${DEADLINE_MS / 1000} seconds`,
};

function unreachable(source: string, error: NodeJS.ErrnoException): StatisticsUnreachableError {
  return new StatisticsUnreachableError(source, REASONS[error.code ?? ''] ?? error.message, error);
}
