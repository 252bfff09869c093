/** A response in the way of CGI, in records of STDOUT, and END_REQUEST behind them. */
import { joinInto } from '../../util/buffers.ts';
import { type CgiAsked, CgiResponse } from '../cgi/response.ts';
import { OWN_MEMORY, type ResponseMemory, type ResponseStart, type ResponseWriter } from '../response.ts';
import { endRequest, PROTOCOL_STATUS, record, stdout, TYPE } from './records.ts';

const NOTHING = Buffer.alloc(0);

export class FastcgiResponse implements ResponseWriter {
  readonly isPersistent = true;
  readonly #id: number;
  readonly #response: CgiResponse;
  #hasEnded = false;

  constructor(id: number, asked: CgiAsked) {
    this.#id = id;
    this.#response = new CgiResponse(asked);
  }

  get isCut(): boolean {
    return this.#response.isCut;
  }

  get endsByClose(): boolean {
    return !this.#hasEnded;
  }

  begin(start: ResponseStart, memory: ResponseMemory = OWN_MEMORY): Buffer {
    const first = stdout(this.#id, this.#response.begin(start));
    const pieces = start.isEnd ? [...first, this.end()] : first;
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    return joinInto(memory.take(size), pieces);
  }

  body(bytes: Buffer, from: number, to: number): readonly Buffer[] {
    return this.#response.body(bytes, from, to).flatMap((piece) => stdout(this.#id, piece));
  }

  /** Nothing for a response that is cut: its end would make it look whole. */
  end(): Buffer {
    if (this.isCut) return NOTHING;
    this.#hasEnded = true;
    return Buffer.concat([record(TYPE.stdout, this.#id, NOTHING), endRequest(this.#id, PROTOCOL_STATUS.complete)]);
  }
}
