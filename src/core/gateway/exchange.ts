import { page } from '../protocol/http/page.ts';
import type { ResponseStart, ResponseWriter } from '../protocol/response.ts';
import { hasWholeBody, type ResponseMessage, type SentFile } from '../wire/messages.ts';
import type { Slot, SlotRequest } from '../workers/slot.ts';
import type { Answering } from './answering.ts';
import type { Delivery } from './delivery.ts';
import { openSentFile, sendFile } from './files/sent-file.ts';
import type { Source } from './source.ts';

/** The client's end of an exchange: its connection. */
export interface Client {
  /** It may send another request after this response. */
  readonly isPersistent: boolean;
  /** The form in which it wants its response. */
  respond(isPersistent: boolean): ResponseWriter;
  write(bytes: Buffer): void;
  /** An informational response with these fields, where its protocol has such. */
  inform(fields: Buffer): void;
  /** The response is complete. */
  responded(connection: 'goes on' | 'ends'): void;
  /** The response cannot be completed, and the client must see that. */
  cut(how: 'properly' | 'by reset'): void;
  /** A worker has the request, and takes more of its body. */
  wanted(): void;
  /** This one brings no more of the response. */
  release(source: Source | undefined): void;
  /** No worker has the request any more: the rest of its body stays with the client. */
  unwanted(): void;
  /** This exchange takes the place of the one whose response was about to begin. */
  replaced(by: Exchange): void;
  /** The line about a request that no worker answered. */
  log(status: number, reason: string): void;
}

/** Sees a response before its client does. */
export interface ResponseEditor {
  /** The response as the client gets it; undefined where the exchange has given way to another answer. */
  edit(exchange: Exchange, message: ResponseMessage): ResponseMessage | undefined;
  /** The client has its response, or the part of it that it gets. */
  ended(): void;
}

/**
 * One request and its response, between a client and a slot.
 *
 *     queued ──▶ sent ──▶ answering ──▶ ended        queued ◀── sent: the worker died before it began
 *     held ──┴─────────┴───────────────────────▲
 *
 * It may end before its slot has answered: the client left, or the time was up. What the slot says then goes nowhere.
 */
export class Exchange implements SlotRequest, Answering {
  id = 0;
  state: Answering['state'] = 'queued';
  slot: Slot | undefined;
  /** Who brings its response. */
  source: Source | undefined;
  /** Sees its response before the client does. */
  editor: ResponseEditor | undefined;
  /** When it came, by the clock of `performance`; also for one that comes back from a dead worker. */
  readonly since = performance.now();
  readonly frame: Buffer;
  /** Some of its body went after it and is not kept, so it cannot be sent to another slot. */
  isPartlyGone = false;
  /** The rest of its response comes from a file, and not from its slot. */
  isTaken = false;

  readonly #client: Client;
  /** Brings the body, where it was collected and is not in the frame. */
  readonly #delivery: Delivery | undefined;
  #response: ResponseWriter | undefined;

  constructor(client: Client, frame: Buffer, delivery?: Delivery) {
    this.#client = client;
    this.frame = frame;
    this.#delivery = delivery;
  }

  get isBodyComplete(): boolean {
    return hasWholeBody(this.frame);
  }

  /** Somebody else than the workers looks for an answer, and gives one or lets it go. */
  hold(): void {
    this.state = 'held';
  }

  letGo(): void {
    this.state = 'queued';
  }

  sendTo(slot: Slot): void {
    this.state = 'sent';
    this.slot = slot;
    this.source = slot;
    slot.send(this);
    if (this.#delivery) this.#delivery.begin(slot, this);
    else if (!this.isBodyComplete) this.#client.wanted();
  }

  /** Its worker died before it began: it waits again. */
  takeBack(): void {
    this.state = 'queued';
    this.slot = undefined;
    this.source = undefined;
    if (this.#delivery) this.#delivery.stop();
    else if (!this.isBodyComplete) this.#client.unwanted();
  }

  sendBody(piece: Buffer, isLast: boolean): void {
    this.isPartlyGone = true;
    this.slot?.sendBody(this, piece, isLast);
  }

  respond(message: ResponseMessage): void {
    if (this.state === 'ended') return;
    const edited = this.editor ? this.editor.edit(this, message) : message;
    // Something else answers in its place.
    if (!edited) return;
    const response = this.#begin(edited, this.#client.isPersistent && !message.isAborted);
    if (message.isAborted) this.#cut();
    else if (message.isEnd) this.#complete(response);
  }

  /** The client may prepare for what the application will say: fields of a 103, "Name: value\r\n…". */
  inform(fields: Buffer): void {
    if (this.state === 'sent') this.#client.inform(fields);
  }

  respondMore(bytes: Buffer, from: number, to: number): void {
    if (this.state !== 'answering' || !this.#response) return;
    for (const piece of this.#response.body(bytes, from, to)) this.#client.write(piece);
  }

  respondEnd(how: 'properly' | 'aborted'): void {
    if (this.state !== 'answering' || !this.#response) return;
    if (how === 'aborted') {
      this.#cut();
      return;
    }
    const last = this.#response.end();
    if (last.length > 0) this.#client.write(last);
    this.#complete(this.#response);
  }

  async takeFile(file: SentFile): Promise<boolean> {
    const opened = await openSentFile(file);
    if (!opened) return false;
    if (this.state !== 'answering') {
      await opened.close();
      return false;
    }
    this.isTaken = true;
    // It could wait for this client for ever, since it is no longer asked to go on.
    this.#client.release(this.source);
    void sendFile(this, opened, file);
    return true;
  }

  drained(): void {
    if (this.state === 'ended') return;
    if (this.#delivery) this.#delivery.proceed();
    else this.#client.wanted();
  }

  /** No worker will answer this request, so we do, and the log says why. */
  fail(status: number, reason: string, fields = ''): void {
    if (this.state === 'ended') return;
    this.#client.log(status, reason);
    this.dismiss(status, fields);
  }

  /** Its client broke the protocol or kept us waiting: whoever has the request need not go on. */
  refuse(status: number, reason: string): void {
    this.slot?.cancel(this);
    this.fail(status, reason);
  }

  /** The same without a word in the log. */
  dismiss(status: number, fields = ''): void {
    if (this.state === 'ended') return;
    if (this.state === 'answering') {
      this.#cut();
      return;
    }
    this.#complete(this.#begin(page(status, fields), this.#client.isPersistent));
  }

  /** Another answer is to go to the client in place of this one, of which no more is heard. @returns what is to be answered */
  giveWay(): Exchange {
    const other = new Exchange(this.#client, this.frame);
    other.editor = this.editor;
    this.editor = undefined;
    this.state = 'ended';
    // The application may wait for the rest of a body that nobody will send it.
    if (!this.isBodyComplete) {
      this.#delivery?.stop();
      this.slot?.cancel(this);
    }
    this.#client.replaced(other);
    return other;
  }

  /** The client gets no answer at all. */
  drop(): void {
    if (this.state === 'ended') return;
    this.#response ??= this.#client.respond(false);
    this.#cut();
  }

  #begin(start: ResponseStart, isPersistent: boolean): ResponseWriter {
    const response = this.#client.respond(isPersistent);
    this.state = 'answering';
    this.#response = response;
    this.#client.write(response.begin(start));
    return response;
  }

  #complete(response: ResponseWriter): void {
    if (response.isCut) {
      this.#cut();
      return;
    }
    this.state = 'ended';
    this.editor?.ended();
    this.#client.responded(response.isPersistent ? 'goes on' : 'ends');
  }

  #cut(): void {
    this.state = 'ended';
    this.editor?.ended();
    this.#client.cut(this.#response?.endsByClose ? 'by reset' : 'properly');
  }
}
