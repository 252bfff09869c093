import type * as Http2 from 'node:http2';

let loaded: typeof Http2 | undefined;

/** Node's HTTP/2, loaded for the first client that speaks it: every start of a gateway would take 5 to 10 ms more, and all have its memory. */
export function http2(): typeof Http2 {
  return (loaded ??= process.getBuiltinModule('node:http2'));
}
