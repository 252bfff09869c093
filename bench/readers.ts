import { formatAddress, freePort } from '../test/helpers/address.ts';
import { fetchOnce } from '../test/helpers/http.ts';
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
    void fetchOnce(statistics, path).then(
      ({ status }) => (pages += status === 200 ? 1 : 0),
      () => undefined,
    );
  }, EVERY_MS);
  onEnd(scope, () => {
    clearInterval(timer);
    if (pages === 0) throw new Error(`no page came from ${path}`);
  });
  return server;
}
