import { pssKib, treeOf } from '../test/helpers/processes.ts';
import { uwsgiRequest } from '../test/helpers/uwsgi-client.ts';
import type { Started } from './servers.ts';

const ROUNDS = 60;
const AT_A_TIME = 16;
const PATHS = ['/', '/visits', '/admin/login/'];

/** Memory of a server and all below it, once every worker has answered all kinds of pages. */
export async function memoryOf({ pid, address }: Started): Promise<number> {
  for (let round = 0; round < ROUNDS; round++) {
    const path = PATHS[round % PATHS.length] ?? '/';
    const answers = await Promise.all(Array.from({ length: AT_A_TIME }, () => uwsgiRequest(address, path)));
    const bad = answers.find(({ status }) => status !== 200);
    if (bad) throw new Error(`${path} is ${bad.head}`);
  }
  return pssKib(treeOf(pid).map((one) => one.pid));
}
