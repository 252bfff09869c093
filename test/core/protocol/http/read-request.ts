import { HeadReader } from '../../../../src/core/protocol/http/head-reader.ts';
import { readBody, type BodyReader } from '../../../../src/core/protocol/http/request-body.ts';
import type { RequestHeadParser } from '../../../../src/core/protocol/http/request-head.ts';
import type { RequestHead } from '../../../../src/core/protocol/request-reader.ts';
import { MarshalWriter } from '../../../../src/core/wire/marshal.ts';
import { readMarshal } from '../../../helpers/packets.ts';

interface ReadRequest {
  readonly environ: Record<string, string>;
  readonly isPersistent: boolean;
  readonly body: string;
  /** What came behind it. */
  readonly rest: string;
  readonly isComplete: boolean;
}

/** Reads one request as a connection does. */
export function readRequest(chunks: readonly Buffer[], parser: RequestHeadParser): ReadRequest {
  const reader = new HeadReader(parser);
  const environ = new MarshalWriter();
  const pieces: Buffer[] = [];
  let head: RequestHead | undefined;
  let body: BodyReader | undefined;
  let rest = '';
  environ.begin();
  const readMore = (chunk: Buffer) => {
    if (chunk.length === 0 || !body) return;
    const used = body.push(chunk, (piece) => pieces.push(Buffer.from(piece)));
    rest += chunk.toString('latin1', used);
  };
  for (const chunk of chunks) {
    if (body) {
      readMore(chunk);
      continue;
    }
    head = reader.push(chunk);
    if (!head) continue;
    parser.writeEnviron(environ);
    body = readBody(head.body);
    readMore(reader.rest);
  }
  return {
    environ: readMarshal(environ.end()),
    isPersistent: head?.isPersistent ?? false,
    body: Buffer.concat(pieces).toString('latin1'),
    rest,
    isComplete: body?.isComplete ?? false,
  };
}
