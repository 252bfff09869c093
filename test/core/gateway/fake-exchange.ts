import { Counters } from '../../../src/core/gateway/counters.ts';
import type { Client } from '../../../src/core/gateway/exchange.ts';
import { Exchange } from '../../../src/core/gateway/exchange.ts';
import { Response } from '../../../src/core/protocol/http/response.ts';
import { OWN_MEMORY } from '../../../src/core/protocol/response.ts';
import { fakeStore } from './fake-store.ts';

/** A request that waits, and what its client got. */
export interface FakeExchange {
  readonly exchange: Exchange;
  readonly written: string[];
  /** The lines of the log about it. */
  readonly lines: string[];
  readonly counters: Counters;
}

/** @param since when it came; now, if not given */
export function fakeExchange(since = performance.now()): FakeExchange {
  const written: string[] = [];
  const lines: string[] = [];
  const counters = new Counters();
  const client: Client = {
    isPersistent: true,
    counters,
    bodies: fakeStore().store,
    respond: (isPersistent) => new Response({ minor: 1, isHead: false, isPersistent }),
    write: (bytes) => void written.push(bytes.toString('latin1')),
    writeAll: (pieces) => void written.push(...pieces.map((bytes) => bytes.toString('latin1'))),
    memory: OWN_MEMORY,
    isBehind: false,
    inform: () => undefined,
    responded: () => undefined,
    cut: () => undefined,
    wanted: () => undefined,
    unwanted: () => undefined,
    release: () => undefined,
    answered: () => undefined,
    replaced: () => undefined,
    log: (status, reason) => void lines.push(`${status}: ${reason}`),
  };
  const exchange = Object.assign(new Exchange(client, Buffer.alloc(20)), { since });
  return { exchange, written, lines, counters };
}
