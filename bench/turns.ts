/** Servers that are up together and get the load in turns of a moment: what the machine does meanwhile happens to all of them. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { formatAddress } from '../test/helpers/address.ts';
import { launch } from '../test/helpers/child.ts';
import { HttpConnection } from '../test/helpers/http.ts';
import type { Scope } from '../test/helpers/scope.ts';
import { tempDir } from '../test/helpers/temp.ts';
import type { Started } from './servers.ts';

const TURN_MS = 150;
/** What a client and a server need until they run evenly again. */
const SETTLE_MS = 40;
const WARM_UP_MS = 1500;

/** A client that asks one server without a pause, where it is not stopped. */
interface Client {
  readonly pid: number;
  /** Bytes of one response. */
  readonly size: number;
}

/**
 * Requests/s of each server, in their order, while it had its turns.
 *
 * @param seconds of load for each of them
 */
export async function ratesInTurns(
  scope: Scope,
  servers: readonly Started[],
  load: { connections: number; seconds: number },
): Promise<number[]> {
  const clients: Client[] = [];
  for (const server of servers) clients.push(await startClient(scope, server, load.connections));
  const turns = Math.ceil((load.seconds * 1000) / TURN_MS);
  const served = clients.map(() => ({ requests: 0, seconds: 0 }));
  for (let turn = 0; turn < turns; turn++) {
    for (const at of turn % 2 === 0 ? clients.keys() : [...clients.keys()].reverse()) {
      const client = clients[at];
      const sum = served[at];
      if (client === undefined || sum === undefined) continue;
      const { requests, seconds } = await takeTurn(client);
      sum.requests += requests;
      sum.seconds += seconds;
    }
  }
  return served.map(({ requests, seconds }) => requests / seconds);
}

async function startClient(scope: Scope, { address }: Started, connections: number): Promise<Client> {
  const host = formatAddress(address);
  const words = ['-t1', `-c${String(connections)}`, '-d1h', `http://${host}/`];
  const size = await responseSize({ address });
  const { pid } = launch(scope, { command: 'wrk', words, cwd: tempDir(scope), stopSignal: 'SIGKILL', stopStatus: 'any' });
  await pause(WARM_UP_MS);
  process.kill(pid, 'SIGSTOP');
  return { pid, size };
}

async function takeTurn({ pid, size }: Client): Promise<{ requests: number; seconds: number }> {
  process.kill(pid, 'SIGCONT');
  await pause(SETTLE_MS);
  const [bytes, began] = [bytesRead(pid), performance.now()];
  await pause(TURN_MS);
  const [requests, seconds] = [(bytesRead(pid) - bytes) / size, (performance.now() - began) / 1000];
  process.kill(pid, 'SIGSTOP');
  return { requests, seconds };
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
