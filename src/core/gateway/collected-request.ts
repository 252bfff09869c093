import { joined } from '../util/buffers.ts';
import { marshalKey, type MarshalPart, type MarshalWriter } from '../wire/marshal.ts';
import { encodeRequest, REQUEST_FLAG } from '../wire/messages.ts';
import { type BodyBuffer, SMALL } from './body-buffer.ts';
import { Delivery, SharedDelivery } from './delivery.ts';
import { type Client, Exchange } from './exchange.ts';

/** Where bodies are not collected, a request goes to a worker when so much of its body is here, if not all of it. */
export const BODY_AHEAD = 64 * 1024;
const CONTENT_LENGTH = marshalKey('CONTENT_LENGTH');

/** The head of a request, and what the wire is told of it. */
export interface Head {
  readonly environ: MarshalWriter;
  /** What `environ` is to hold, without what only the end of the body decides. */
  readonly part: MarshalPart | undefined;
  /** But for what says how much of the body is here. */
  readonly flags: number;
}

/**
 * A request whose body was collected: a small one goes with it, another is where its worker can read it, or follows.
 *
 * @param addsLength its client did not tell the length, which is known now
 */
export function requestWith(
  body: BodyBuffer,
  client: Client,
  { environ, part, flags, addsLength }: Head & { addsLength: boolean },
): Exchange {
  const { pieces, shared, size } = body;
  environ.begin(part);
  if (addsLength) environ.text(CONTENT_LENGTH, String(size));
  if (shared) {
    const frame = encodeRequest(environ, flags | REQUEST_FLAG.complete | REQUEST_FLAG.shared, shared.reference(size));
    return new Exchange(client, frame, new SharedDelivery(shared));
  }
  if (!pieces || size > SMALL) return new Exchange(client, encodeRequest(environ, flags), new Delivery(body));
  return new Exchange(client, encodeRequest(environ, flags | REQUEST_FLAG.complete, joined(pieces)));
}

/** What came of a body that is not collected. */
interface Begun {
  readonly bytes: Buffer;
  readonly isAll: boolean;
  /** As its client told it. */
  readonly length: number | undefined;
}

/** A request with the beginning of its body, whose rest follows; or with all of it. */
export function requestBegunWith({ bytes, isAll, length }: Begun, client: Client, { environ, part, flags }: Head): Exchange {
  const isUnknown = length === undefined;
  environ.begin(part);
  if (isAll && isUnknown && bytes.length > 0) environ.text(CONTENT_LENGTH, String(bytes.length));
  const extent = isAll ? REQUEST_FLAG.complete : isUnknown ? REQUEST_FLAG.unknownLength : 0;
  return new Exchange(client, encodeRequest(environ, flags | extent, bytes));
}
