import type { Scope } from '../../test/helpers/scope.ts';
import { startReadServer } from '../readers.ts';
import { startTsuwsgi } from '../servers.ts';
import { requestsPerSecond } from '../wrk.ts';
import { HELLO, measured, type Section, type Server } from './section.ts';

/** Without blanks, since a command line here is split at them. */
const TEN_VARIABLES = '%(addr)|%(user)|%(ltime)|%(method)|%(uri)|%(proto)|%(status)|%(size)|%(micros)|%(uagent)';

/** What it costs to be seen: logs and statistics. */
export const WATCHING: readonly Section[] = [
  {
    title: 'What logging requests costs: straight over HTTP, 64 connections, log to a file',
    unit: 'requests/s',
    baseline: 'no lines',
    contenders: measured(requestsPerSecond(64), [
      logging('no lines', '-L'),
      logging("uWSGI's line", ''),
      logging('log-format of ten variables', `--log-format ${TEN_VARIABLES}`),
      logging('log-format = json', '--log-format json'),
    ]),
  },
  {
    title: 'What reading statistics costs: straight over HTTP, 64 connections, no request log',
    unit: 'requests/s',
    baseline: 'no statistics server',
    contenders: measured(requestsPerSecond(64), [
      logging('no statistics server', '-L'),
      ...[
        ['/metrics each second', '/metrics'],
        ['the document each second', '/'],
        ["the dashboard's history each second", '/history'],
      ].map(([name = '', path = '']) => ({
        name,
        needs: [],
        start: (scope: Scope) => startReadServer(scope, `--http-socket 127.0.0.1:0 ${HELLO} -L`, path),
      })),
    ]),
  },
];

function logging(name: string, words: string): Server {
  return { name, needs: [], start: (scope) => startTsuwsgi(scope, `--http-socket 127.0.0.1:0 ${HELLO} ${words}`.trim()) };
}
