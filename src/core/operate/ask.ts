/** A question to somebody who listens at an address, and all that is said there. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Place } from './statistics-source.ts';

export interface Question {
  /** The path of the page. */
  readonly path: string;
  /** Who asks may have to say so. */
  readonly token: string | undefined;
  /** How long to wait for somebody who speaks without being asked. */
  readonly silenceMs: number;
  readonly deadline: AbortSignal;
}

const LIMIT = 64 * 1024 * 1024;
/** So much is shown of an answer that has no end. */
const EXCERPT = 40;

/**
 * The answer as it came, with its head where it is one of HTTP.
 *
 * @throws Error of the system's, or one that says what the answer is like
 */
export async function ask(place: Place, { silenceMs, deadline, ...question }: Question): Promise<string> {
  const socket = connect({ ...place, signal: deadline });
  try {
    await once(socket, 'connect', { signal: deadline });
    const patience = setTimeout(() => socket.write(requestFor(place, question)), silenceMs);
    return await readAll(socket, () => clearTimeout(patience));
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
    const { code } = error as NodeJS.ErrnoException;
    if (length > 0 && code === 'ABORT_ERR')
      throw new Error(`its answer has no end: ${JSON.stringify(String(pieces[0]).slice(0, EXCERPT))}`, { cause: error });
    // Whoever closes without having read the question resets the connection; the answer may be there all the same.
    if (length === 0 || code !== 'ECONNRESET') throw error;
  } finally {
    begin();
  }
  return Buffer.concat(pieces).toString();
}

/** HTTP/1.0: the answer comes in one piece and ends with the connection. */
function requestFor(place: Place, { path, token }: Pick<Question, 'path' | 'token'>): string {
  const host = 'host' in place ? `${place.host.includes(':') ? `[${place.host}]` : place.host}:${place.port}` : 'localhost';
  const lines = [
    `GET ${path} HTTP/1.0`,
    `Host: ${host}`,
    'Accept: application/json',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
