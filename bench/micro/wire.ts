import { RequestHeadParser } from '../../src/core/protocol/http/request-head.ts';
import { FrameReader } from '../../src/core/wire/frames.ts';
import { marshalKey, MarshalWriter } from '../../src/core/wire/marshal.ts';
import { decodeResponse, decodeServiceTime, encodeRequest, REQUEST_FLAG, REQUEST_ROOM } from '../../src/core/wire/messages.ts';
import { ANSWER, BROWSER, BUFFER_SIZE, CONSTANT_PART } from './requests.ts';
import type { Piece } from './stopwatch.ts';

/** So many come in one chunk where the server has much to do. */
const TOGETHER = 16;

/** Between the gateway and its slots. */
export function wirePieces(): readonly Piece[] {
  return [
    environWritten(),
    requestEncoded(),
    { name: 'a RESPONSE frame, alone in its chunk: found and decoded', run: decoding(ANSWER) },
    {
      name: `a RESPONSE frame, one of ${TOGETHER} in a chunk: found and decoded`,
      run: decoding(Buffer.concat(Array<Buffer>(TOGETHER).fill(ANSWER))),
      operations: TOGETHER,
    },
  ];
}

function environWritten(): Piece {
  const environ = new MarshalWriter(REQUEST_ROOM);
  const parser = new RequestHeadParser(BUFFER_SIZE, marshalKey);
  parser.parse(BROWSER, 0);
  const run = (): Buffer => {
    environ.begin(CONSTANT_PART);
    parser.writeEnviron(environ);
    return environ.end();
  };
  run();
  return { name: `the environ of a browser's request as marshal, ${environ.pairs} pairs`, run };
}

function requestEncoded(): Piece {
  const environ = new MarshalWriter(REQUEST_ROOM);
  const parser = new RequestHeadParser(BUFFER_SIZE, marshalKey);
  parser.parse(BROWSER, 0);
  environ.begin(CONSTANT_PART);
  parser.writeEnviron(environ);
  const whole = environ.takePart();
  const run = (): Buffer => {
    environ.begin(whole);
    return encodeRequest(environ, REQUEST_FLAG.complete);
  };
  return { name: 'the REQUEST frame of an environ that is written', run };
}

function decoding(chunk: Buffer): () => number {
  const reader = new FrameReader();
  return () => {
    let sum = 0;
    reader.push(chunk);
    while (reader.next()) sum += decodeResponse(reader).status + decodeServiceTime(reader);
    return sum;
  };
}
