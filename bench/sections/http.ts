import { freePort } from '../../test/helpers/address.ts';
import { startBjoern, startGranian, startWaitress } from '../peers.ts';
import { startGunicornWorkers, startModWsgi, startTsuwsgi, startUwsgi } from '../servers.ts';
import { HELLO, type SectionInTurns, type Server, UWSGI } from './section.ts';

/** Answers straight over HTTP, of an application that does nothing. */
export const OVER_HTTP: readonly SectionInTurns[] = [
  {
    title: 'Straight over HTTP, 64 connections, request log to a file',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    connections: 64,
    contenders: [...tsuwsgiOverHttp(''), ...uwsgiOverHttp('')],
  },
  {
    title: 'Straight over HTTP, 64 connections, no request log',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    connections: 64,
    contenders: [...tsuwsgiOverHttp('-L'), ...uwsgiOverHttp('-L'), ...others()],
  },
  {
    title: 'Straight over HTTP, 1 connection, no request log',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    connections: 1,
    contenders: [...tsuwsgiOverHttp('-L'), ...uwsgiOverHttp('-L'), ...others()],
  },
];

function tsuwsgiOverHttp(flags: string): Server[] {
  return ['http-socket', 'http'].map((option) => ({
    name: `tsuwsgi --${option}`,
    needs: [],
    start: (scope) => startTsuwsgi(scope, `--${option} 127.0.0.1:0 ${HELLO} ${flags}`.trim()),
  }));
}

function uwsgiOverHttp(flags: string): Server[] {
  return [
    {
      name: 'uWSGI --http-socket',
      needs: UWSGI,
      start: (scope) => startUwsgi(scope, `--http-socket 127.0.0.1:0 ${HELLO} ${flags}`.trim()),
    },
    {
      name: 'uWSGI --http --http-keepalive',
      needs: UWSGI,
      start: async (scope) => {
        const port = await freePort();
        return startUwsgi(scope, `--http 127.0.0.1:${String(port)} --http-keepalive=1 ${HELLO} ${flags}`.trim());
      },
    },
  ];
}

/** They log no requests unless they are told to. */
function others(): Server[] {
  return [
    { name: 'gunicorn gthread', needs: ['gunicorn'], start: (scope) => startGunicornWorkers(scope, '--worker-class gthread --threads 4') },
    { name: 'gunicorn sync', needs: ['gunicorn'], start: (scope) => startGunicornWorkers(scope, '--worker-class sync') },
    { name: 'mod_wsgi daemon', needs: ['apache2', 'libapache2-mod-wsgi-py3'], start: (scope) => startModWsgi(scope) },
    { name: 'waitress, 1 process', needs: ['python3-waitress'], start: startWaitress },
    { name: 'granian', needs: ['granian'], start: startGranian },
    { name: 'bjoern', needs: ['bjoern'], start: startBjoern },
  ];
}
