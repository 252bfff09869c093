/** Requests to numbered.py, which prints the number that each asks for: whether a log has all of them, and each once. */
import type { Address } from './address.ts';
import { eventually } from './eventually.ts';
import { fetchOnce } from './http.ts';

const CLIENTS = 4;

/** Clients that ask for one number after the other without a pause, from 1 on. */
export function countingClients(address: Address) {
  let isOver = false;
  let asked = 0;
  let answered = 0;
  const run = async (): Promise<void> => {
    while (!isOver) {
      await fetchOnce(address, `/?${String(++asked)}`);
      answered++;
    }
  };
  const clients = Array.from({ length: CLIENTS }, run);
  return {
    more: (requests: number) => {
      const goal = answered + requests;
      return eventually(`${String(requests)} more requests`, () => answered >= goal);
    },
    /** All numbers that were asked for. */
    stop: async (): Promise<readonly number[]> => {
      isOver = true;
      await Promise.all(clients);
      return Array.from({ length: asked }, (_, index) => index + 1);
    },
  };
}

/** Those that were printed, in their order, without the 0 that others ask for. */
export function numbersIn(texts: readonly string[]): readonly number[] {
  return texts
    .flatMap((text) => [...text.matchAll(/^number (\d+)$/gm)].map(([, number]) => Number(number)))
    .filter((number) => number > 0)
    .sort((one, other) => one - other);
}
