import type { ResponseMemory, ResponseStart, ResponseWriter } from '../protocol/response.ts';
import { hasWholeBody, type ResponseMessage, type SentFile } from '../wire/messages.ts';
import type { Slot, SlotRequest } from '../workers/slot.ts';
import type { Answering } from './answering.ts';
import { Backlog, type BacklogOwner } from './backlog.ts';
import type { BodyStore } from './body-store.ts';
import type { Counters } from './counters.ts';
import { openSentFile, sendFile } from './files/sent-file.ts';
import { Forbearance } from './forbearance.ts';
import { ownPage } from './own-page.ts';
import type { Source } from './source.ts';

/** The client's end of an exchange: its connection. */
export interface Client {
  /** It may send another request after this response. */
  readonly isPersistent: boolean;
  /** Where what it has not read may be kept. */
  readonly bodies: BodyStore;
  readonly counters: Counters;
  /** The form in which it wants its response. */
  respond(isPersistent: boolean): ResponseWriter;
  /** Where what is written next may be put together. */
  readonly memory: ResponseMemory;
  write(bytes: Buffer): void;
  /** The same for several pieces, together. */
  writeAll(pieces: readonly Buffer[]): void;
  /** Some of what was written is still where it was. */
  readonly isBehind: boolean;
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
  /** The worker has answered, and what it said is kept: the request's body is of no more use. */
  answered(): void;
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

/** Brings the body of a request to the slot that has it. */
export interface BodyCarrier {
  begin(slot: Slot, request: SlotRequest): void;
  /** Nobody takes it for now. */
  stop(): void;
  /** The slot may take more. */
  proceed(): void;
  /** See SlotRequest. */
  left(how: 'done' | 'unknown'): void;
}

/** Hears what becomes of a request. */
export interface ExchangeObserver {
  /** A slot has it; again where its worker died before it began. @param since see Exchange.since */
  sent(slot: Slot, since: number): void;
  /** No worker will answer it; the log has the same words. */
  failed(reason: string): void;
  /** Its client gets a response of this status. */
  responding(status: number): void;
  /** There is no more of the response: its client has all of it, or it was cut. */
  ended(how: 'complete' | 'cut'): void;
}

/**
 * One request and its response, between a client and a slot.
 *
 *     queued ──▶ sent ──▶ answering ──▶ ended        queued ◀── sent: the worker died before it began
 *     held ──┴─────────┴───────────────────────▲
 *
 * It may end before its slot has answered: the client left, or the time was up. What the slot says then goes nowhere.
 */
export class Exchange implements SlotRequest, Answering, Source, BacklogOwner {
  id = 0;
  state: Answering['state'] = 'queued';
  slot: Slot | undefined;
  /** Who brings its response. */
  source: Source | undefined;
  /** Sees its response before the client does. */
  editor: ResponseEditor | undefined;
  observer: ExchangeObserver | undefined;
  /** When it came, by the clock of `performance`; also for one that comes back from a dead worker. */
  readonly since = performance.now();
  readonly frame: Buffer;
  /** Some of its body went after it and is not kept, so it cannot be sent to another slot. */
  isPartlyGone = false;
  /** The rest of its response is here, or in a file that was handed over: its slot has no more part in it. */
  isTaken = false;

  readonly #client: Client;
  /** Brings the body, where it was collected and is not in the frame. */
  readonly #delivery: BodyCarrier | undefined;
  #response: ResponseWriter | undefined;
  #forbearance: Forbearance | undefined;
  /** What its client has not read, where that is much. */
  #backlog: Backlog | undefined;

  constructor(client: Client, frame: Buffer, delivery?: BodyCarrier) {
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
    this.source = this;
    slot.send(this);
    this.observer?.sent(slot, this.since);
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

  sendBody(pieces: readonly Buffer[], isLast: boolean): void {
    this.isPartlyGone = true;
    this.slot?.sendBody(this, pieces, isLast);
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

  respondMore(pieces: readonly Buffer[]): 'keeps' | 'is done' {
    const response = this.#response;
    if (this.state !== 'answering' || !response) return 'is done';
    if (this.#backlog) {
      for (const piece of pieces) this.#backlog.push(piece);
      return 'is done';
    }
    // What certainly has to wait does so in no more memory than it needs.
    const { isBehind } = this.#client;
    const own = isBehind ? pieces.map((piece) => Buffer.from(piece)) : pieces;
    this.#client.writeAll(own.flatMap((piece) => response.body(piece, 0, piece.length)));
    return !isBehind && this.#client.isBehind ? 'keeps' : 'is done';
  }

  respondEnd(how: 'properly' | 'aborted'): void {
    if (this.state !== 'answering' || !this.#response) return;
    if (this.#backlog) this.#leaveSlot(this.#backlog, how);
    else this.#end(this.#response, how);
  }

  /** Its client does not read: the slot waits for it, but not for long. */
  pause(): void {
    this.slot?.pause();
    this.#forbearance ??= new Forbearance(() => this.#fallBehind());
    this.#forbearance.begin();
  }

  resume(): void {
    this.#forbearance?.end();
    this.slot?.resume();
  }

  deliver(bytes: Buffer): void {
    this.#client.writeAll(this.#response?.body(bytes, 0, bytes.length) ?? []);
  }

  caughtUp(): void {
    this.#backlog = undefined;
    this.source = this;
  }

  lost(error: Error): void {
    this.fail(500, `what its client had not read is lost: ${error.message}`);
  }

  async takeFile(file: SentFile): Promise<boolean> {
    const opened = await openSentFile(file);
    if (!opened) return false;
    // Behind what waits for a client it would go through a second file.
    if (this.state !== 'answering' || this.#backlog) {
      await opened.close();
      return false;
    }
    this.isTaken = true;
    this.#client.counters.offloaded();
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

  left(how: 'done' | 'unknown'): void {
    this.#delivery?.left(how);
  }

  /** No worker will answer this request, so we do, and the log says why. */
  fail(status: number, reason: string, fields = ''): void {
    if (this.state === 'ended') return;
    this.#client.log(status, reason);
    this.observer?.failed(reason);
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
    this.#complete(this.#begin(ownPage(this.#client.counters, status, fields), this.#client.isPersistent));
  }

  /** Another answer is to go to the client in place of this one, of which no more is heard. @returns what is to be answered */
  giveWay(): Exchange {
    const other = new Exchange(this.#client, this.frame);
    other.editor = this.editor;
    other.observer = this.observer;
    this.editor = undefined;
    this.observer = undefined;
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
    this.observer?.responding(start.status);
    this.#response = response;
    this.#client.write(response.begin(start, this.#client.memory));
    return response;
  }

  #end(response: ResponseWriter, how: 'properly' | 'aborted'): void {
    if (how === 'aborted') {
      this.#cut();
      return;
    }
    const last = response.end();
    if (last.length > 0) this.#client.write(last);
    this.#complete(response);
  }

  /** From here on the slot goes on, and what it brings waits for the client in a file. */
  #fallBehind(): void {
    const { slot } = this;
    if (this.state !== 'answering' || !slot || !this.#client.bodies.hasRoom(0)) return;
    this.#backlog = new Backlog(this.#client.bodies, slot, this);
    this.#client.release(this);
    this.source = this.#backlog;
  }

  /** The worker is free; the client has the rest at its own speed. */
  #leaveSlot(backlog: Backlog, how: 'properly' | 'aborted'): void {
    this.isTaken = true;
    this.slot = undefined;
    this.#delivery?.stop();
    this.#client.answered();
    backlog.end(() => {
      if (this.#response) this.#end(this.#response, how);
    });
  }

  #complete(response: ResponseWriter): void {
    if (response.isCut) {
      this.#cut();
      return;
    }
    this.state = 'ended';
    this.editor?.ended();
    this.observer?.ended('complete');
    this.#client.responded(response.isPersistent ? 'goes on' : 'ends');
  }

  #cut(): void {
    this.state = 'ended';
    this.editor?.ended();
    this.observer?.ended('cut');
    this.#client.cut(this.#response?.endsByClose ? 'by reset' : 'properly');
  }
}
