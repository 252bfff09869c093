import { findServer } from '../core/operate/find-server.ts';
import { giveOrder, type Order, type Outcome } from '../core/operate/give-order.ts';
import { showWhile } from './progress.ts';

/** Which server a command is meant for. */
export const SERVER_ARGUMENT = { description: 'its pid or pid file; not needed when this user runs only one' };

/** Gives an order to the server that is meant, and shows at a terminal that it is being carried out. */
export async function order(target: string | undefined, what: Order, doing: string): Promise<Outcome> {
  const server = findServer(target);
  return showWhile(`server ${server.pid}: ${doing}`, giveOrder(server, what));
}
