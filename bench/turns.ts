/** Servers that are up together and get the load in turns of a moment: what the machine does meanwhile happens to all of them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Scope } from '../test/helpers/scope.ts';
import { EndlessClient } from './endless-client.ts';
import type { Started } from './servers.ts';

const TURN_MS = 150;
/** What a client and a server need until they run evenly again. */
const SETTLE_MS = 40;

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
  const clients: EndlessClient[] = [];
  for (const server of servers) {
    const client = await EndlessClient.start(scope, server, load.connections);
    client.halt();
    clients.push(client);
  }
  const turns = Math.ceil((load.seconds * 1000) / TURN_MS);
  for (let turn = 0; turn < turns; turn++) {
    for (const client of turn % 2 === 0 ? clients : clients.toReversed()) await takeTurn(client);
  }
  for (const client of clients) await client.end();
  return clients.map(({ rate }) => rate);
}

async function takeTurn(client: EndlessClient): Promise<void> {
  client.goOn();
  await pause(SETTLE_MS);
  await client.count(TURN_MS);
  client.halt();
}
