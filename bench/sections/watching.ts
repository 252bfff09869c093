import type { Scope } from '../../test/helpers/scope.ts';
import { startReadServer } from '../readers.ts';
import { startTsuwsgi, startUwsgi } from '../servers.ts';
import { requestsPerSecond } from '../wrk.ts';
import { HELLO, measured, type Section, type SectionInTurns, type Server, UWSGI } from './section.ts';

/** Without blanks, since a command line here is split at them. */
const TEN_VARIABLES = '%(addr)|%(user)|%(ltime)|%(method)|%(uri)|%(proto)|%(status)|%(size)|%(micros)|%(uagent)';

const FLASK = '-M -p 2 --wsgi-file flask-site.py';

/** What it costs to be seen: logs and statistics. */
export const WATCHING: readonly (Section | SectionInTurns)[] = [
  {
    title: 'What logging requests costs a Flask site: straight over HTTP, 64 connections, log to a file',
    unit: 'requests/s',
    baseline: 'no lines',
    connections: 64,
    contenders: loggers(FLASK, ['python3-flask']),
  },
  {
    title: 'What logging requests costs an application that does nothing: straight over HTTP, 64 connections, log to a file',
    unit: 'requests/s',
    baseline: 'no lines',
    connections: 64,
    contenders: loggers(HELLO, []),
  },
  {
    title: 'What logging requests costs uWSGI: an application that does nothing, --http-socket, 64 connections, log to a file',
    unit: 'requests/s',
    baseline: 'no lines',
    connections: 64,
    contenders: [
      ['no lines', ' -L'],
      ['its line', ''],
    ].map(([name = '', flags = '']) => ({
      name,
      needs: UWSGI,
      start: (scope: Scope) => startUwsgi(scope, `--http-socket 127.0.0.1:0 ${HELLO}${flags}`),
    })),
  },
  // Not in turns, since who reads does so in the turns of the others as well: it would cost all of them the same.
  {
    title: 'What reading statistics costs: straight over HTTP, 64 connections, no request log',
    unit: 'requests/s',
    baseline: 'no statistics server',
    contenders: measured(requestsPerSecond(64), [
      serving('no statistics server', `${HELLO} -L`, []),
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

function loggers(application: string, needs: readonly string[]): Server[] {
  return [
    serving('no lines', `${application} -L`, needs),
    serving("uWSGI's line", application, needs),
    serving('log-format of ten variables', `${application} --log-format ${TEN_VARIABLES}`, needs),
    serving('log-format = json', `${application} --log-format json`, needs),
  ];
}

function serving(name: string, words: string, needs: readonly string[]): Server {
  return { name, needs, start: (scope) => startTsuwsgi(scope, `--http-socket 127.0.0.1:0 ${words}`) };
}
