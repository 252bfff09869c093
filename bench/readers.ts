import { get } from 'node:http';
import { formatAddress, freePort } from '../test/helpers/address.ts';
import { onEnd, type Scope } from '../test/helpers/scope.ts';
import { startTsuwsgi, type Started } from './servers.ts';

const EVERY_MS = 1000;

/**
 * Starts tsuwsgi with an HTTP statistics server of which somebody reads this page each second for as long as the scope lasts.
 *
 * @throws Error at the scope's end when no page came
 */
export async function startReadServer(scope: Scope, words: string, path: string): Promise<Started> {
  const statistics = { host: '127.0.0.1', port: await freePort() };
  const server = await startTsuwsgi(scope, `${words} --stats ${formatAddress(statistics)} --stats-http`);
  let pages = 0;
  const timer = setInterval(() => {
    void pageSize(statistics, path).then((size) => (pages += size > 0 ? 1 : 0));
  }, EVERY_MS);
  onEnd(scope, () => {
    clearInterval(timer);
    if (pages === 0) throw new Error(`no page came from ${path}`);
  });
  return server;
}

/** The bytes of a page's body; 0 where it is not to be had. */
function pageSize({ host, port }: { readonly host: string; readonly port: number }, path: string): Promise<number> {
  return new Promise((resolve) => {
    const request = get({ host, port, path, agent: false }, (response) => {
      let size = 0;
      response.on('data', (piece: Buffer) => (size += piece.length));
      response.on('end', () => {
        resolve(response.statusCode === 200 ? size : 0);
      });
    });
    request.on('error', () => {
      resolve(0);
    });
  });
}
