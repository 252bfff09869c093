import type { StatsDocument } from '../../src/core/stats/document.ts';
import type { Address } from './address.ts';
import { exchange } from './http.ts';

/** What an address of `stats` answers. Of uWSGI it has no more than uWSGI's keys. */
export async function statsOf(address: Address): Promise<StatsDocument> {
  return JSON.parse((await exchange(address, '')).toString()) as StatsDocument;
}
