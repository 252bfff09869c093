/** A client of HTTP/2 that hides nothing. */
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import type { SecureClientSessionOptions } from 'node:http2';
import { within } from './eventually.ts';
import { onEnd, type Scope } from './scope.ts';

const PATIENCE_MS = 10_000;

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Buffer;
}

/** One connection. */
export class Http2Client {
  readonly session: ClientHttp2Session;
  /** Codes of the GOAWAYs that came. */
  readonly goaways: number[] = [];
  readonly closed: Promise<void>;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
    session.on('goaway', (code: number) => this.goaways.push(code));
    session.on('error', () => undefined);
    this.closed = new Promise((resolve) => session.once('close', resolve));
  }

  static async open(scope: Scope, port: number, options: SecureClientSessionOptions = {}): Promise<Http2Client> {
    const session = connect(`https://127.0.0.1:${String(port)}`, { rejectUnauthorized: false, maxSessionMemory: 100, ...options });
    const client = new Http2Client(session);
    onEnd(scope, () => session.destroy());
    await within(
      PATIENCE_MS,
      'a connection',
      new Promise<void>((resolve, reject) => session.once('connect', () => resolve()).once('error', reject)),
    );
    return client;
  }

  /** Opens a stream whose body is left to the caller. */
  start(path: string, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
    return this.session.request({ ':path': path, ':method': 'POST', ...headers }, { endStream: false });
  }

  async request(path: string, headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Http2Answer> {
    const stream = this.session.request({ ':path': path, ...headers }, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    return answerOf(stream);
  }
}

/** What came of a stream; an error with its code where it was reset. */
export function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  const answer = new Promise<Http2Answer>((resolve, reject) => {
    const pieces: Buffer[] = [];
    let headers: IncomingHttpHeaders = {};
    stream.once('response', (fields) => {
      headers = fields;
    });
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.once('error', reject);
    stream.once('close', () => {
      const body = Buffer.concat(pieces);
      if (stream.rstCode !== 0) reject(Object.assign(new Error(`reset with ${String(stream.rstCode)}`), { rstCode: stream.rstCode }));
      else resolve({ status: Number(headers[':status']), headers, body, text: body.toString() });
    });
  });
  return within(PATIENCE_MS, 'the answer of a stream', answer);
}
