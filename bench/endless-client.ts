/** A wrk that asks without a pause until it is ended, and is counted from outside: what it does before it is looked at is nobody's figure. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { formatAddress } from '../test/helpers/address.ts';
import { type Child, launch } from '../test/helpers/child.ts';
import { eventually } from '../test/helpers/eventually.ts';
import { HttpConnection } from '../test/helpers/http.ts';
import type { Scope } from '../test/helpers/scope.ts';
import { tempDir } from '../test/helpers/temp.ts';
import type { Started } from './servers.ts';
import { demandGoodAnswers } from './wrk.ts';

const WARM_UP_MS = 1500;
/** So many answers a connection, on the average, when they are warm. */
const ROUNDS = 3;
const WARM_WITHIN_MS = 60_000;

export class EndlessClient {
  readonly #host: string;
  readonly #wrk: Child;
  /** Bytes of one response. */
  readonly #size: number;
  /** What was counted. */
  #requests = 0;
  #seconds = 0;

  private constructor(host: string, wrk: Child, size: number) {
    this.#host = host;
    this.#wrk = wrk;
    this.#size = size;
  }

  /** Asks on so many connections, which have been made, and are warm, when it is given back. */
  static async start(scope: Scope, { address }: Pick<Started, 'address'>, connections: number): Promise<EndlessClient> {
    const host = formatAddress(address);
    const size = await responseSize(address);
    const words = ['-t1', `-c${String(connections)}`, '-d1h', `http://${host}/`];
    const wrk = launch(scope, { command: 'wrk', words, cwd: tempDir(scope), stopSignal: 'SIGKILL', stopStatus: 'any' });
    const client = new EndlessClient(host, wrk, size);
    await pause(WARM_UP_MS);
    await eventually('all connections are warm', () => client.#answered >= ROUNDS * connections, WARM_WITHIN_MS);
    return client;
  }

  halt(): void {
    this.#wrk.signal('SIGSTOP');
  }

  goOn(): void {
    this.#wrk.signal('SIGCONT');
  }

  /** Counts for so long. */
  async count(milliseconds: number): Promise<void> {
    const [answered, began] = [this.#answered, performance.now()];
    await pause(milliseconds);
    this.#requests += this.#answered - answered;
    this.#seconds += (performance.now() - began) / 1000;
  }

  /** Requests/s while it was counted. */
  get rate(): number {
    return this.#requests / this.#seconds;
  }

  /**
   * Has it say what it got.
   *
   * @throws Error where any answer was not a good one
   */
  async end(): Promise<void> {
    this.goOn();
    // Once would not do: just woken, it may take the signal in the thread that asks, and the one that sleeps until the end sleeps on.
    await eventually(`the end of ${String(this.#wrk)}`, () => {
      this.#wrk.signal('SIGINT');
      return this.#wrk.hasEnded;
    });
    const { status } = await this.#wrk.finished();
    if (status !== 0) throw new Error(`${String(this.#wrk)} failed:\n${this.#wrk.log}`);
    demandGoodAnswers(this.#host, this.#wrk.stdout);
  }

  /** Requests that were answered so far. */
  get #answered(): number {
    return bytesRead(this.#wrk.pid) / this.#size;
  }
}

/** Measures with so many connections that are kept: that they had to be made is not part of it. */
export function requestsPerSecondKept(connections: number): (scope: Scope, server: Started, seconds: number) => Promise<number> {
  return async (scope, server, seconds) => {
    const client = await EndlessClient.start(scope, server, connections);
    await client.count(seconds * 1000);
    await client.end();
    return client.rate;
  };
}

/** The bytes of one answer, which must be the same each time: the clients tell only of bytes. */
async function responseSize(address: Started['address']): Promise<number> {
  const connection = await HttpConnection.open(address);
  try {
    const { head, body, framing, status } = await connection.request('/');
    if (framing === 'chunked' || status !== 200) throw new Error(`${formatAddress(address)}: an answer of unknown size: ${head}`);
    return Buffer.byteLength(head, 'latin1') + '\r\n\r\n'.length + body.length;
  } finally {
    connection.close();
  }
}

/** What a process has read in its life, from sockets too (proc(5), io). */
function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${String(pid)}/io`, 'latin1'))?.[1]);
}
