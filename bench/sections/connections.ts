import { requestsPerSecondKept } from '../endless-client.ts';
import { startTsuwsgi } from '../servers.ts';
import { formatFigure } from '../table.ts';
import { type Contender, HELLO, type Section, type SectionInTurns } from './section.ts';

/** Nobody is turned away: each client asks at once and has its request in the queue, and a connection for which the backlog had no room would come back a second later. */
const WORDS = `--http-socket 127.0.0.1:0 --listen 4096 --queue-limit 10000 ${HELLO} -L`;

/** What many clients that keep their connections cost, all of them asking one request after the other, and what more gateways are worth. */
export const CONNECTIONS: readonly (Section | SectionInTurns)[] = [
  {
    title: 'Straight over HTTP by the number of keep-alive connections, no request log',
    unit: 'requests/s',
    baseline: '10 connections',
    contenders: [10, 100, 1000, 10_000].map(keeping),
  },
  {
    title: 'Straight over HTTP by the number of gateways, 64 connections, no request log',
    unit: 'requests/s',
    baseline: '1 gateway',
    connections: 64,
    contenders: [
      { name: '1 gateway', needs: [], start: (scope) => startTsuwsgi(scope, WORDS) },
      { name: '2 gateways', needs: [], start: (scope) => startTsuwsgi(scope, `${WORDS} --gateways 2`) },
    ],
  },
];

/** While they last: to make ten thousand of them takes as long as some measurements. */
function keeping(connections: number): Contender {
  const measure = requestsPerSecondKept(connections);
  return {
    name: `${formatFigure(connections)} connections`,
    needs: [],
    figure: async (scope, seconds) => measure(scope, await startTsuwsgi(scope, WORDS), seconds),
  };
}
