/** What every protocol that answers has in common. */

/** The first that the application gives: its head, "200 OK\r\nName: value\r\n…" without the blank line, and a piece of its body. */
export interface ResponseStart {
  readonly status: number;
  /** The application's Content-Length; -1 when it has none. */
  readonly contentLength: number;
  readonly bytes: Buffer;
  readonly headStart: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** All of the body is here. */
  readonly isEnd: boolean;
}

/** Where a response is put together. */
export interface ResponseMemory {
  /** So many bytes of memory for what is written next. When it has been written they may be given to the next. */
  take(size: number): Buffer;
}

/** Each time other memory. */
export const OWN_MEMORY: ResponseMemory = { take: (size) => Buffer.allocUnsafe(size) };

/** One response in the form of its protocol. */
export interface ResponseWriter {
  /** The connection can take another request once this response is complete. */
  readonly isPersistent: boolean;
  /** It ended before all came that it had promised: the client must see that. */
  readonly isCut: boolean;
  /** The connection itself ends the body: to cut such a response it has to be reset, or it would look complete. */
  readonly endsByClose: boolean;
  /** Head and first piece, not where they were. What ends a response that is all here is in it, too, if anything does. */
  begin(start: ResponseStart, memory?: ResponseMemory): Buffer;
  /** More of the body, where it is; an empty list when the client gets none of it. */
  body(bytes: Buffer, from: number, to: number): readonly Buffer[];
  /** What ends the response. */
  end(): Buffer;
}
