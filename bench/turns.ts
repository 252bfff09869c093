/** Servers that are up together and get the load in turns of a moment: what the machine does meanwhile happens to all of them. */
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

const TURN_MS = 150;
/** What a client and a server need until they run evenly again. */
const SETTLE_MS = 40;
const WARM_UP_MS = 1500;

/**
 * Requests/s of each server, in their order, while it had its turns.
 *
 * @param seconds of load for each of them
 * @throws Error where any answer was not a good one
 */
export async function ratesInTurns(
  scope: Scope,
  servers: readonly Started[],
  load: { connections: number; seconds: number },
): Promise<number[]> {
  const clients: Client[] = [];
  for (const server of servers) clients.push(await Client.start(scope, server, load.connections));
  const turns = Math.ceil((load.seconds * 1000) / TURN_MS);
  for (let turn = 0; turn < turns; turn++) {
    for (const client of turn % 2 === 0 ? clients : clients.toReversed()) await client.takeTurn();
  }
  for (const client of clients) await client.end();
  return clients.map(({ rate }) => rate);
}

/** Asks one server without a pause, where it is not stopped. */
class Client {
  readonly #host: string;
  readonly #wrk: Child;
  /** Bytes of one response. */
  readonly #size: number;
  #requests = 0;
  #seconds = 0;

  private constructor(host: string, wrk: Child, size: number) {
    this.#host = host;
    this.#wrk = wrk;
    this.#size = size;
  }

  static async start(scope: Scope, { address }: Started, connections: number): Promise<Client> {
    const host = formatAddress(address);
    const words = ['-t1', `-c${String(connections)}`, '-d1h', `http://${host}/`];
    const size = await responseSize({ address });
    const wrk = launch(scope, { command: 'wrk', words, cwd: tempDir(scope), stopSignal: 'SIGKILL', stopStatus: 'any' });
    await pause(WARM_UP_MS);
    wrk.signal('SIGSTOP');
    return new Client(host, wrk, size);
  }

  async takeTurn(): Promise<void> {
    this.#wrk.signal('SIGCONT');
    await pause(SETTLE_MS);
    const [bytes, began] = [bytesRead(this.#wrk.pid), performance.now()];
    await pause(TURN_MS);
    this.#requests += (bytesRead(this.#wrk.pid) - bytes) / this.#size;
    this.#seconds += (performance.now() - began) / 1000;
    this.#wrk.signal('SIGSTOP');
  }

  /** Requests/s in its turns. */
  get rate(): number {
    return this.#requests / this.#seconds;
  }

  /** Has it say what it got. */
  async end(): Promise<void> {
    this.#wrk.signal('SIGCONT');
    // Once would not do: just woken, it may take the signal in the thread that asks, and the one that sleeps until the end sleeps on.
    await eventually(`the end of ${String(this.#wrk)}`, () => {
      this.#wrk.signal('SIGINT');
      return this.#wrk.hasEnded;
    });
    const { status } = await this.#wrk.finished();
    if (status !== 0) throw new Error(`${String(this.#wrk)} failed:\n${this.#wrk.log}`);
    demandGoodAnswers(this.#host, this.#wrk.stdout);
  }
}

/** The bytes of one answer, which must be the same each time: the clients tell only of bytes. */
async function responseSize({ address }: Pick<Started, 'address'>): Promise<number> {
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
