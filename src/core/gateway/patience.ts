import type { Expiring } from './deadlines.ts';
import type { Door } from './door.ts';

/** So long a client may go on with what nobody reads, when all has been said: were we to close at once, a reset could overtake our last response. */
export const LINGER_MS = 2000;
/** So long a client that has just come may take to say something when the gateway is about to stop. */
const STOP_MS = 500;

/** The gateway stops: what a client that has just come is about to send was accepted, too, if it comes soon. */
export function awaitLastWords(client: Expiring, { deadlines }: Door): void {
  client.deadline = Math.min(client.deadline, deadlines.after(STOP_MS));
}
