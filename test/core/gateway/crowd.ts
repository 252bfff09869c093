import type { TestContext } from 'node:test';
import { Counters } from '../../../src/core/gateway/counters.ts';
import { Dispatcher } from '../../../src/core/gateway/dispatcher.ts';
import { type Client, Exchange } from '../../../src/core/gateway/exchange.ts';
import { MarshalWriter } from '../../../src/core/wire/marshal.ts';
import { encodeRequest, REQUEST_FLAG, REQUEST_ROOM } from '../../../src/core/wire/messages.ts';
import type { Slot } from '../../../src/core/workers/slot.ts';

/** The depth adapts. */
export const PLAN = { queueLimit: 1000, harakiriMs: 0, httpHarakiriMs: 0, queueTimeoutMs: 0, prefetch: 0 };
const nothing = (): undefined => undefined;

/** A thread of a worker, which answers when it is told to. */
class Thread {
  readonly name: { readonly pid: number; readonly core: number };
  readonly isOpen = true;
  oldestSince = 0;
  readonly requests: Exchange[] = [];

  constructor(pid: number, core: number) {
    this.name = { pid, core };
  }

  get used(): number {
    return this.requests.length;
  }

  send(exchange: Exchange): void {
    if (this.requests.length === 0) this.oldestSince = performance.now();
    this.requests.push(exchange);
  }

  destroy(): void {
    // There is no connection.
  }
}

/** Clients who each ask again as soon as they are answered, a dispatcher, and one worker with threads; and the time, which passes only when it is told to. */
export class Crowd {
  readonly dispatcher: Dispatcher;
  readonly threads: readonly Thread[];
  now = 1000;
  readonly #pass: (milliseconds: number) => void;

  constructor(t: TestContext, { clients, threads }: { readonly clients: number; readonly threads: number }) {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    t.mock.method(performance, 'now', () => this.now);
    this.#pass = (milliseconds) => t.mock.timers.tick(milliseconds);
    const lastStarted = () => ({ requestId: 0, deadlineMs: 0 });
    const ports = { lastStarted, log: nothing, counters: new Counters(), knock: nothing, bare: nothing, askBack: nothing };
    this.dispatcher = new Dispatcher(PLAN, ports);
    this.threads = Array.from({ length: threads }, (_, core) => new Thread(12, core));
    for (const thread of this.threads) this.dispatcher.opened(thread as unknown as Slot);
    for (let client = 0; client < clients; client++) this.#ask();
  }

  /** Threads that have requests. */
  get busy(): readonly Thread[] {
    return this.threads.filter(({ used }) => used > 0);
  }

  /** So many requests are answered, the one after the other, in a time that depends on how many threads run. */
  answer(count: number, eachMs: (threads: number) => number): void {
    for (let nth = 0; nth < count; nth++) {
      const { busy } = this;
      this.now += eachMs(busy.length);
      const thread = busy.reduce((first, other) => (other.oldestSince < first.oldestSince ? other : first));
      const serviceUs = 1000 * (this.now - thread.oldestSince);
      thread.requests.shift();
      thread.oldestSince = this.now;
      this.#ask();
      this.dispatcher.freed(thread as unknown as Slot, serviceUs);
    }
  }

  /** Nothing is answered for so long. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.#pass(milliseconds);
  }

  #ask(): void {
    const environ = new MarshalWriter(REQUEST_ROOM);
    environ.begin();
    this.dispatcher.submit(new Exchange({} as Client, encodeRequest(environ, REQUEST_FLAG.complete)));
  }
}
