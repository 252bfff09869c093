/** Hostile bytes at the parsers of heads and bodies. `npm run fuzz` looks for longer, with another seed each time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { ProtocolError } from '../../../../src/core/errors/protocol.ts';
import { RequestHeadParser } from '../../../../src/core/protocol/http/request-head.ts';
import { marshalKey } from '../../../../src/core/wire/marshal.ts';
import { fuzzing } from '../../../helpers/fuzz.ts';
import { hostileRequest } from '../../../helpers/hostile.ts';
import { eachByte } from '../../../helpers/requests.ts';
import { readRequest } from './read-request.ts';

const BUFFER_SIZE = 1024;
const PLAIN = Buffer.from('GET /plain HTTP/1.1\r\nHost: plain.example\r\nX-A: 1\r\n\r\n');
const MEGABYTE = 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('a request is read the same way however its bytes are dealt out, and the next one too', (t) => {
  const parser = new RequestHeadParser(BUFFER_SIZE, marshalKey);
  const counts = { served: 0, refused: 0, unfinished: 0 };
  const property = fc.property(hostileRequest(), fc.array(fc.nat(400), { maxLength: 4 }), (bytes, cuts) => {
    const whole = outcome([bytes], parser);
    counts[whole.kind]++;
    assert.deepEqual(outcome(eachByte(bytes), parser), whole, 'byte by byte');
    assert.deepEqual(outcome(cutAt(bytes, cuts), parser), whole, 'in pieces');
    assert.equal(readRequest([PLAIN], parser).environ['HTTP_X_A'], '1', 'the next request');
  });
  const { seed, numRuns } = fuzzing(4000);
  t.diagnostic(`seed ${String(seed)}, ${String(numRuns)} runs`);
  fc.assert(property, { seed, numRuns });
  // A fuzzer whose requests all end in the same way finds nothing.
  for (const [kind, count] of Object.entries(counts)) assert.ok(count > numRuns / 50, `${kind}: ${String(count)}`);
});

test('hostile requests leave nothing behind in memory', () => {
  const parser = new RequestHeadParser(BUFFER_SIZE, marshalKey);
  const { seed } = fuzzing(1);
  const requests = fc.sample(hostileRequest(), { seed, numRuns: 2000 });
  const heapAfter = (rounds: number) => {
    for (let round = 0; round < rounds; round++) for (const bytes of requests) outcome([bytes], parser);
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = heapAfter(2);
  const grown = heapAfter(6) - before;
  assert.ok(grown < 2 * MEGABYTE, `${String(grown)} bytes more after ${String(6 * requests.length)} requests`);
});

type Outcome = { readonly kind: 'refused' | 'unfinished' } | ({ readonly kind: 'served' } & ReturnType<typeof readRequest>);

/** What becomes of a request. The reason of a refusal may depend on how its bytes come: that it is one must not. */
function outcome(chunks: readonly Buffer[], parser: RequestHeadParser): Outcome {
  try {
    const request = readRequest(chunks, parser);
    return request.isComplete ? { kind: 'served', ...request } : { kind: 'unfinished' };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { kind: 'refused' };
  }
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const borders = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((one, other) => one - other), bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}
