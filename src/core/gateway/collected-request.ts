import type { MarshalWriter } from '../wire/marshal.ts';
import { encodeRequest, REQUEST_FLAG } from '../wire/messages.ts';
import type { BodyBuffer } from './body-buffer.ts';
import { Delivery } from './delivery.ts';
import { type Client, Exchange } from './exchange.ts';

/** A body up to this size is copied into the frame of its request: a worker has both with one look at its socket. */
const SMALL = 128 * 1024;

/** A request whose body was collected, with the environ that `environ` holds: a small one goes with it, another follows. @param flags but `complete` */
export function requestWith(body: BodyBuffer, client: Client, { environ, flags }: { environ: MarshalWriter; flags: number }): Exchange {
  const { pieces, size } = body;
  if (!pieces || size > SMALL) return new Exchange(client, encodeRequest(environ, flags), new Delivery(body));
  const [first] = pieces;
  const bytes = first && pieces.length === 1 ? first : Buffer.concat(pieces);
  return new Exchange(client, encodeRequest(environ, flags | REQUEST_FLAG.complete, bytes));
}
