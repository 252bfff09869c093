import { startNodeEcho, startNodeHttp, startPythonAlone, startRelay } from '../least.ts';
import { startTsuwsgi, startUwsgi } from '../servers.ts';
import { HELLO, type SectionInTurns, UWSGI } from './section.ts';

/** How far from the least that Node and CPython take. */
export const LEAST: readonly SectionInTurns[] = [
  {
    title: 'What Node and CPython allow: programs of twenty lines without the rules of HTTP, 64 connections, no request log',
    unit: 'requests/s',
    baseline: 'tsuwsgi --http-socket',
    connections: 64,
    contenders: [
      { name: 'tsuwsgi --http-socket', needs: [], start: (scope) => startTsuwsgi(scope, `--http-socket 127.0.0.1:0 ${HELLO} -L`) },
      { name: 'Node hands bytes to 2 CPython processes and back', needs: [], start: startRelay },
      { name: 'CPython alone, 2 processes', needs: [], start: startPythonAlone },
      { name: 'Node alone, always the same bytes', needs: [], start: startNodeEcho },
      { name: 'Node alone, node:http', needs: [], start: startNodeHttp },
      { name: 'uWSGI --http-socket', needs: UWSGI, start: (scope) => startUwsgi(scope, `--http-socket 127.0.0.1:0 ${HELLO} -L`) },
    ],
  },
];
