/** Reads statistics from wherever they are: again and again, from the same source. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { StatisticsAnswerError, StatisticsTokenError, StatisticsUnreachableError } from '../errors/operate.ts';
import type { AnyStatsDocument } from '../stats/document.ts';
import { receiveDocument } from '../stats/received-document.ts';
import { findServer } from './find-server.ts';
import { giveOrder } from './give-order.ts';
import type { StatisticsSource } from './statistics-source.ts';

export interface Statistics {
  /** As they came. */
  readonly text: string;
  readonly document: AnyStatsDocument;
}

/** For one reading. */
const DEADLINE_MS = 5000;
/** A server that says nothing by then waits for a request, as one with `stats-http` does. */
const SILENCE_MS = 200;
const LIMIT = 64 * 1024 * 1024;

export class StatisticsReader {
  readonly #source: StatisticsSource;
  readonly #token: string | undefined;
  #silenceMs = SILENCE_MS;

  /** @param token the server's `stats-token`, where it has one */
  constructor(source: StatisticsSource, token: string | undefined) {
    this.#source = source;
    this.#token = token;
  }

  /**
   * What the server tells now. A server that is named by its pid file may be another one each time.
   *
   * @param end nobody waits for it any longer when this is aborted
   * @throws TsuwsgiError when nobody answers within five seconds, or something else
   */
  async read(end?: AbortSignal): Promise<Statistics> {
    const text = await this.readText(end);
    try {
      return { text, document: receiveDocument(text) };
    } catch (error) {
      throw new StatisticsAnswerError(nameOf(this.#source), (error as Error).message);
    }
  }

  /** The same as it came, whatever it tells of: those of an emperor are not those of a server. */
  async readText(end?: AbortSignal): Promise<string> {
    const late = AbortSignal.timeout(DEADLINE_MS);
    const deadline = end === undefined ? late : AbortSignal.any([late, end]);
    const source = this.#source;
    if (source.kind === 'server') return (await giveOrder(findServer(source.target), { type: 'stats' }, deadline)).text;
    const silenceMs = source.kind === 'http' ? 0 : this.#silenceMs;
    const answer = await ask(source, { deadline, silenceMs, token: this.#token });
    if (!answer.startsWith('HTTP/')) return answer;
    // From now on it is asked at once.
    this.#silenceMs = 0;
    return bodyOf(answer, nameOf(source));
  }
}

/** What people call it. */
export function nameOf(source: StatisticsSource): string {
  if (source.kind !== 'server') return source.text;
  return source.target === undefined ? 'the server' : `server ${source.target}`;
}

interface Question {
  readonly deadline: AbortSignal;
  /** How long to wait for an answer before the question. */
  readonly silenceMs: number;
  readonly token: string | undefined;
}

type Asked = Exclude<StatisticsSource, { kind: 'server' }>;

/** All that comes over one connection. */
async function ask(source: Asked, { deadline, silenceMs, token }: Question): Promise<string> {
  const socket = connect({ ...source.place, signal: deadline });
  try {
    await once(socket, 'connect', { signal: deadline });
    const patience = setTimeout(() => socket.write(requestFor(source, token)), silenceMs);
    return await readAll(socket, () => clearTimeout(patience));
  } catch (error) {
    throw unreachable(source.text, error as NodeJS.ErrnoException);
  } finally {
    socket.destroy();
  }
}

/** @param begin is called with the first byte, and where there is none at the end */
async function readAll(socket: Socket, begin: () => void): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of socket as AsyncIterable<Buffer>) {
      begin();
      pieces.push(piece);
      length += piece.length;
      if (length > LIMIT) throw new Error(`it says more than ${LIMIT} bytes`);
    }
  } catch (error) {
    // Whoever closes without having read the question resets the connection; the answer may be there all the same.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET' || length === 0) throw error;
  } finally {
    begin();
  }
  return Buffer.concat(pieces).toString();
}

/** HTTP/1.0: the answer comes in one piece and ends with the connection. */
function requestFor({ place, ...source }: Asked, token: string | undefined): string {
  const host = 'host' in place ? `${place.host.includes(':') ? `[${place.host}]` : place.host}:${place.port}` : 'localhost';
  const lines = [
    `GET ${source.kind === 'http' ? source.path : '/'} HTTP/1.0`,
    `Host: ${host}`,
    'Accept: application/json',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function bodyOf(answer: string, name: string): string {
  const status = answer.slice(answer.indexOf(' ') + 1, answer.indexOf('\r\n'));
  if (status.startsWith('401')) throw new StatisticsTokenError(name);
  if (!status.startsWith('200')) throw new StatisticsAnswerError(name, status);
  return answer.slice(answer.indexOf('\r\n\r\n') + '\r\n\r\n'.length);
}

function unreachable(source: string, error: NodeJS.ErrnoException): StatisticsUnreachableError {
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there',
    ENOENT: 'nothing listens there',
    ENOTFOUND: 'there is no such host',
    EACCES: 'this user may not connect',
    ABORT_ERR: `no answer within ${DEADLINE_MS / 1000} seconds`,
  };
  return new StatisticsUnreachableError(source, known[error.code ?? ''] ?? error.message, error);
}
