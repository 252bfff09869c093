import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from './address.ts';
import { ConnectionLost, type Loss } from './byte-stream.ts';
import { within } from './eventually.ts';
import { fetchOnce, HttpConnection, type HttpResponse } from './http.ts';
import { onEnd, type Scope } from './scope.ts';
import { uwsgiRequest } from './uwsgi-client.ts';

const PAUSE_AFTER_LOSS_MS = 5;

/** How a request ended: `ok` is a 200 with all of its body, any other status stands for itself. */
export type Verdict = 'ok' | 'malformed' | Loss | `status ${number}`;

/** How often each verdict came, and the bodies that were seen. */
export class Tally {
  readonly verdicts = new Map<Verdict, number>();
  readonly bodies = new Map<string, number>();

  add(verdict: Verdict, body?: string): void {
    this.verdicts.set(verdict, this.of(verdict) + 1);
    if (body !== undefined) this.bodies.set(body, (this.bodies.get(body) ?? 0) + 1);
  }

  of(verdict: Verdict): number {
    return this.verdicts.get(verdict) ?? 0;
  }

  get total(): number {
    return [...this.verdicts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Every verdict but `ok`, for a message. */
  get lost(): Record<string, number> {
    return Object.fromEntries([...this.verdicts].filter(([verdict]) => verdict !== 'ok'));
  }
}

export interface LoadOptions {
  /** How many requests are on their way at any time. */
  readonly clients?: number;
  readonly path?: string;
  /** `http`: a connection a request. `keep-alive`: a connection a client. `uwsgi`: as nginx asks. */
  readonly speak?: 'http' | 'keep-alive' | 'uwsgi';
}

/** Clients that ask without a pause until they are stopped. */
export class Load {
  readonly tally = new Tally();
  readonly #askPath: (path: string) => Asker;
  readonly #clients: Promise<void>[];
  readonly #waiting = new Set<() => void>();
  #state: 'running' | 'stopping' = 'running';

  constructor(address: Address, { clients = 4, path = '/', speak = 'http' }: LoadOptions) {
    this.#askPath = (other) => asker(address, other, speak);
    this.#clients = Array.from({ length: clients }, () => this.#run(this.#askPath(path)));
  }

  /** One request more, counted with the others; its body, or undefined where there was no answer. */
  async ask(path: string): Promise<string | undefined> {
    const once = this.#askPath(path);
    const body = await this.#count(once);
    once.forget();
    return body;
  }

  /** Waits until this many more requests have ended. */
  async more(requests: number, deadlineMs = 20_000): Promise<void> {
    const goal = this.tally.total + requests;
    const reached = async () => {
      while (this.tally.total < goal) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    };
    await within(deadlineMs, () => `${String(requests)} more requests; so far ${JSON.stringify([...this.tally.verdicts])}`, reached());
  }

  /** Waits until this many more requests had a good answer. */
  async good(requests: number, deadlineMs = 20_000): Promise<void> {
    const goal = this.tally.of('ok') + requests;
    const reached = async () => {
      while (this.tally.of('ok') < goal) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    };
    await within(deadlineMs, () => `${String(requests)} more answers; so far ${JSON.stringify([...this.tally.verdicts])}`, reached());
  }

  /** Waits until a body is seen that was asked for. */
  async body(text: string, deadlineMs = 20_000): Promise<void> {
    const seen = async () => {
      while (!this.tally.bodies.has(text)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    };
    await within(deadlineMs, () => `a body ${text}; so far ${JSON.stringify([...this.tally.bodies])}`, seen());
  }

  /** Lets each client finish its request, and returns the count. */
  async stop(): Promise<Tally> {
    this.#state = 'stopping';
    await Promise.all(this.#clients);
    return this.tally;
  }

  async #run(asker: Asker): Promise<void> {
    while (this.#isRunning()) {
      // Where nobody listens a client would otherwise take all of a processor from the server that comes up.
      if ((await this.#count(asker)) === undefined) await pause(PAUSE_AFTER_LOSS_MS);
    }
    asker.forget();
  }

  async #count(asker: Asker): Promise<string | undefined> {
    let body: string | undefined;
    try {
      const response = await asker.ask();
      this.tally.add(response.status === 200 ? 'ok' : `status ${response.status}`, response.text);
      body = response.text;
    } catch (error) {
      this.tally.add(error instanceof ConnectionLost ? error.loss : 'malformed');
      asker.forget();
    }
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
    return body;
  }

  #isRunning(): boolean {
    return this.#state === 'running';
  }
}

/** Starts clients; they stop with the scope at the latest. */
export function startLoad(scope: Scope, address: Address, options: LoadOptions = {}): Load {
  const load = new Load(address, options);
  onEnd(scope, async () => {
    await load.stop();
  });
  return load;
}

interface Asker {
  ask(): Promise<HttpResponse>;
  /** Closes what it keeps open. */
  forget(): void;
}

function asker(address: Address, path: string, speak: 'http' | 'keep-alive' | 'uwsgi'): Asker {
  switch (speak) {
    case 'http':
      return { ask: () => fetchOnce(address, path), forget: () => undefined };
    case 'uwsgi':
      return { ask: () => uwsgiRequest(address, path), forget: () => undefined };
    case 'keep-alive':
      return keepAliveAsker(address, path);
  }
}

function keepAliveAsker(address: Address, path: string): Asker {
  let connection: HttpConnection | undefined;
  return {
    ask: async () => {
      connection ??= await HttpConnection.open(address);
      const response = await connection.request(path);
      if (response.framing === 'close' || response.header('connection')?.toLowerCase() === 'close') {
        connection.close();
        connection = undefined;
      }
      return response;
    },
    forget: () => {
      connection?.close();
      connection = undefined;
    },
  };
}
