import { connect } from 'node:net';
import type { Address } from '../test/helpers/address.ts';
import { eventually } from '../test/helpers/eventually.ts';

/** So long a server may take for what it is asked. */
const DEADLINE_MS = 120_000;

/** A request that was answered. */
export interface Answered {
  readonly path: string;
  /** From the last byte of the request to the last one of the response. */
  readonly milliseconds: number;
  /** When it was, by `performance.now`. */
  readonly at: number;
}

/** How they ask. */
export interface Asking {
  readonly clients: number;
  /** The path that is asked for next, whichever client does. One that was not answered is asked for again. */
  readonly next: () => string;
}

/**
 * Keep-alive clients, each of which has one request on its way, always. Nothing is parsed but what is needed, so that it is the server
 * that is measured.
 */
export class Clients {
  lastBody = '';
  #answered: Answered[] = [];
  #isOver = false;
  readonly #address: Address;
  readonly #next: () => string;

  constructor(address: Address, { clients, next }: Asking) {
    this.#address = address;
    this.#next = next;
    for (let nth = 0; nth < clients; nth++) this.#ask();
  }

  /** What was answered while this went on. */
  async answeredDuring(action: () => Promise<void>): Promise<readonly Answered[]> {
    this.#answered = [];
    await action();
    return this.#answered;
  }

  /** So much of what is answered from now on, or a little more. */
  async answered(count: number): Promise<readonly Answered[]> {
    const waited = `${String(count)} answers`;
    return this.answeredDuring(async () => {
      await eventually(waited, () => this.#answered.length >= count, DEADLINE_MS);
    });
  }

  stop(): void {
    this.#isOver = true;
  }

  /** One connection after the other. */
  #ask(unanswered?: string): void {
    const socket = connect({ ...this.#address, noDelay: true });
    let path = unanswered;
    let began = NaN;
    let answer = '';
    const send = (): void => {
      if (this.#isOver) return void socket.destroy();
      path ??= this.#next();
      answer = '';
      began = performance.now();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: bench.example\r\n\r\n`);
    };
    socket.on('connect', send);
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
      const body = bodyOf(answer);
      if (body === undefined || path === undefined) return;
      const at = performance.now();
      this.#answered.push({ path, milliseconds: at - began, at });
      path = undefined;
      this.lastBody = body;
      if (/^connection: close\r$/im.test(answer)) socket.end();
      else send();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!this.#isOver) setImmediate(() => this.#ask(path));
    });
  }
}

/** The 99th percentile of their times, in milliseconds. */
export function percentile99(answered: readonly Answered[]): number {
  const times = answered.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
  return times[Math.floor(times.length * 0.99)] ?? NaN;
}

/** Undefined while it is not all there. */
function bodyOf(answer: string): string | undefined {
  const end = answer.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)\r$/im.exec(answer)?.[1];
  if (end === -1 || length === undefined || answer.length < end + 4 + Number(length)) return undefined;
  return answer.slice(end + 4);
}
