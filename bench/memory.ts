import { setTimeout as pause } from 'node:timers/promises';
import { fetchOnce } from '../test/helpers/http.ts';
import { treeOf } from '../test/helpers/processes.ts';
import { uwsgiRequest } from '../test/helpers/uwsgi-client.ts';
import { ownKib } from './own-memory.ts';
import type { Started } from './servers.ts';

const ROUNDS = 60;
const AT_A_TIME = 16;
/** Of the Django site, all kinds of pages. */
export const PATHS = ['/', '/visits', '/admin/login/'];

/** Memory of a server of the Django site and all below it, once every worker has answered all kinds of pages. */
export async function memoryOf({ pid, address }: Started): Promise<number> {
  return memoryAfter(pid, (path) => uwsgiRequest(address, path));
}

/** The same of a server that speaks HTTP. */
export async function memoryOverHttp({ pid, address }: Started): Promise<number> {
  return memoryAfter(pid, (path) => fetchOnce(address, path));
}

/** Memory of a server and all below it some seconds after its first answer. */
export async function memoryAtRest({ pid, address }: Started, seconds: number): Promise<number> {
  await check('/', (path) => fetchOnce(address, path));
  await pause(seconds * 1000);
  return memoryOfTree(pid);
}

/** Memory of a process and all below it, in KiB. */
export function memoryOfTree(pid: number): number {
  return ownKib(treeOf(pid).map((one) => one.pid));
}

type Ask = (path: string) => Promise<{ readonly status: number }>;

async function memoryAfter(pid: number, ask: Ask): Promise<number> {
  for (let round = 0; round < ROUNDS; round++) {
    const path = PATHS[round % PATHS.length] ?? '/';
    await Promise.all(Array.from({ length: AT_A_TIME }, () => check(path, ask)));
  }
  return memoryOfTree(pid);
}

async function check(path: string, ask: Ask): Promise<void> {
  const { status } = await ask(path);
  if (status !== 200) throw new Error(`${path} is ${String(status)}`);
}
