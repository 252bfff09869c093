import type { EnvironWriter } from './environ.ts';
import type { ResponseWriter } from './response.ts';

export type Framing = { readonly kind: 'length'; readonly length: number } | { readonly kind: 'chunked' };

/** What the server itself needs to know of a request; the rest is only in the environ. */
export interface RequestHead {
  /** The client wants to go on with this connection afterwards. */
  readonly isPersistent: boolean;
  readonly body: Framing;
  readonly expectsContinue: boolean;
  /** The client understands an informational response. */
  readonly takesHints?: boolean;
  /** What it is answered with, where it is a question to the server itself and no request for an application. */
  readonly answer?: Buffer;
}

/** Reads the requests of one connection, one after another, and knows how the last of them is answered. */
export interface RequestReader {
  /** Nothing of a head is here. */
  readonly isEmpty: boolean;
  /** What followed the last head in its chunk. */
  readonly rest: Buffer;
  /** The head, or undefined while bytes are missing. Throws a ProtocolError for what is no request. */
  push(chunk: Buffer): RequestHead | undefined;
  /** Writes what the last head says; only until another connection pushes. CONTENT_LENGTH is there only if the client sent it. */
  writeEnviron(environ: EnvironWriter): void;
  /** Host and port as the last head names them, empty where it names none; only until another connection pushes. */
  readonly host?: string;
  /** The answer to the last head; to what was no request, if there is none. */
  respond(isPersistent: boolean): ResponseWriter;
  /** An informational response, 103, with these fields, to a client that `takesHints`. */
  inform?(fields: Buffer): Buffer;
  /** "GET /path" for a log line, or as much of it as came; nothing in it can break the line. */
  describe(): string;
}
