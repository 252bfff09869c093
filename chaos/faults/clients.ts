/** Clients that say nothing, or not all of it. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from '../../test/helpers/address.ts';
import { uwsgiMessage } from '../../test/helpers/uwsgi-client.ts';
import { STANDSTILL_MS, type Fault } from './fault.ts';

const SLOW_CLIENTS = 100;
const HALF_A_PACKET = 20;

export const CLIENTS: readonly Fault[] = [
  {
    name: `${String(SLOW_CLIENTS)} clients that stop in the middle of a request`,
    cause: async (target) => {
      const isUwsgi = target.contender.door === 'uwsgi';
      const half = isUwsgi ? uwsgiMessage('/').subarray(0, HALF_A_PACKET) : Buffer.from('GET / HTTP/1.1\r\nHost: slow');
      const release = holdIdle(target.address, SLOW_CLIENTS, half);
      await pause(STANDSTILL_MS);
      release();
    },
  },
];

/** Connects clients that say this and no more, as far as the server lets them; returns what makes them leave. */
export function holdIdle(address: Address, count: number, words?: Buffer): () => void {
  const sockets = Array.from({ length: count }, () => connect(address));
  for (const socket of sockets) {
    // Whether the server wants them is not what is asked here.
    socket.on('error', () => undefined);
    socket.resume();
    if (words) socket.write(words);
  }
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}
