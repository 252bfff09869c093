import { CgiVariables } from '../../src/core/protocol/cgi/variables.ts';
import { HeadReader } from '../../src/core/protocol/http/head-reader.ts';
import { RequestHeadParser } from '../../src/core/protocol/http/request-head.ts';
import { Response } from '../../src/core/protocol/http/response.ts';
import { UwsgiReader } from '../../src/core/protocol/uwsgi/request-reader.ts';
import { FrameReader } from '../../src/core/wire/frames.ts';
import { marshalKey } from '../../src/core/wire/marshal.ts';
import { decodeResponse } from '../../src/core/wire/messages.ts';
import { ANSWER, BROWSER, BUFFER_SIZE, PACKET, SMALLEST } from './requests.ts';
import type { Piece } from './stopwatch.ts';

/** Between clients and the gateway. */
export function protocolPieces(): readonly Piece[] {
  const reader = new HeadReader(new RequestHeadParser(BUFFER_SIZE, marshalKey));
  return [
    { name: 'an HTTP/1.1 request of wrk: its head parsed', run: () => reader.push(SMALLEST) },
    { name: "a browser's HTTP/1.1 request: its head parsed", run: () => reader.push(BROWSER) },
    packetParsed(),
    answerFramed(),
  ];
}

function packetParsed(): Piece {
  const terms = { limit: BUFFER_SIZE, maxVariables: 0, form: 'parsed', variables: new CgiVariables('uwsgi', marshalKey) } as const;
  // A connection brings one request, so each has a reader of its own.
  return { name: "nginx's uwsgi packet for a browser's request: parsed", run: () => new UwsgiReader(terms).push(PACKET) };
}

function answerFramed(): Piece {
  const frames = new FrameReader();
  frames.push(ANSWER);
  frames.next();
  const start = decodeResponse(frames);
  return {
    name: 'the HTTP/1.1 response of hello world: head and body in one buffer',
    run: () => new Response({ minor: 1, isHead: false, isPersistent: true }).begin(start),
  };
}
