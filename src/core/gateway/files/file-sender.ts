import type { FileHandle } from 'node:fs/promises';
import type { FileResponse } from '../../protocol/http/file-response.ts';
import type { BodyPart } from '../../protocol/http/ranges.ts';
import type { Answering } from '../answering.ts';
import { PieceMemory } from '../piece-memory.ts';
import type { Source } from '../source.ts';

/** So much of a file is read at a time, and waits at most for a client that is slow. */
const PIECE = 128 * 1024;

/** The file ended before its time. */
export class FileShrunk extends Error {
  constructor() {
    super('became shorter while it was sent');
  }
}

/** Sends parts of an open file as the body of a response, as fast as the client reads. The file stays the caller's to close. */
export class FileSender implements Source {
  /** Nothing is read ahead: the file waits as well where it is. */
  readonly ahead = 0;
  readonly #exchange: Answering;
  readonly #handle: FileHandle;
  #goOn: (() => void) | undefined;
  readonly #memory = new PieceMemory(PIECE);
  #isPaused = false;
  /** Bytes of the body that went out. */
  sent = 0;

  constructor(exchange: Answering, handle: FileHandle) {
    this.#exchange = exchange;
    this.#handle = handle;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#goOn?.();
  }

  lend(): (() => void) | undefined {
    return this.#memory.lend();
  }

  /** A response from its head to its end. */
  async respond(response: FileResponse): Promise<void> {
    const pieces = this.#read(response);
    const first = await pieces.next();
    const piece = first.done === true ? Buffer.alloc(0) : first.value;
    const { status, head, contentLength } = response;
    const bytes = Buffer.concat([Buffer.from(head, 'latin1'), piece]);
    const isEnd = piece.length === Math.max(0, contentLength) || isBodyless(response);
    // `bytes` is a copy of it.
    if (piece.length === PIECE) this.#memory.giveBack(piece);
    this.#exchange.source = this;
    this.sent += piece.length;
    const place = { bytes, headStart: 0, bodyStart: head.length, bodyEnd: bytes.length };
    this.#exchange.respond({ status, contentLength, ...place, isEnd, isAborted: false });
    if (!isEnd) await this.#follow(pieces);
  }

  /** More of the body of a response that has begun, and its end. */
  async append(part: BodyPart): Promise<void> {
    this.#exchange.source = this;
    await this.#follow(this.#read({ parts: [part], after: '' }));
  }

  async #follow(pieces: AsyncIterable<Buffer>): Promise<void> {
    for await (const piece of pieces) {
      if (this.#exchange.state === 'ended') return;
      this.sent += piece.length;
      const send = () => this.#exchange.respondMore([piece]);
      if (piece.length === PIECE) this.#memory.lendFor(piece, send);
      else send();
      if (this.#isPaused) await this.#turn();
    }
    this.#exchange.respondEnd('properly');
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  async *#read({ parts, after }: Pick<FileResponse, 'parts' | 'after'>): AsyncGenerator<Buffer, undefined> {
    for (const part of parts) yield* this.#readPart(part);
    if (after !== '') yield Buffer.from(after, 'latin1');
    return undefined;
  }

  async *#readPart({ before, from, to }: BodyPart): AsyncGenerator<Buffer> {
    let room = before.length;
    for (let at = from; at < to;) {
      const size = Math.min(PIECE - room, to - at);
      const memory = room + size === PIECE ? this.#memory.take() : Buffer.allocUnsafeSlow(room + size);
      const { bytesRead } = await this.#handle.read(memory, room, size, at);
      if (bytesRead === 0) throw new FileShrunk();
      if (room > 0) memory.write(before, 'latin1');
      yield memory.subarray(0, room + bytesRead);
      at += bytesRead;
      room = 0;
    }
  }
}

/** Of a HEAD nothing is read; a 304 has no body. */
function isBodyless({ parts, after }: FileResponse): boolean {
  return parts.length === 0 && after === '';
}
