import { startBjoern, startGranian, startWaitress } from '../peers.ts';
import { startGunicornWorkers, startModWsgi, startTsuwsgi } from '../servers.ts';
import { HELLO, THREADED_HELLO, type SectionInTurns, type Server } from './section.ts';
import { uwsgiOverHttp } from './uwsgi-over-http.ts';

/** Answers straight over HTTP, of an application that does nothing. */
export const OVER_HTTP: readonly SectionInTurns[] = [
  {
    title: 'Straight over HTTP, 64 connections, request log to a file',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    connections: 64,
    contenders: overHttp(HELLO),
  },
  {
    title: 'Straight over HTTP, 64 connections, no request log',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    connections: 64,
    contenders: [...overHttp(`${HELLO} -L`), ...others()],
  },
  {
    title: 'Straight over HTTP, 64 connections, 4 workers of 30 threads, no request log',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    connections: 64,
    contenders: overHttp(`${THREADED_HELLO} -L`),
  },
  {
    title: 'Straight over HTTP, 1 connection, no request log',
    unit: 'requests/s',
    baseline: 'uWSGI --http-socket',
    connections: 1,
    contenders: [...overHttp(`${HELLO} -L`), ...others()],
  },
];

/** Each of both servers' ways. */
function overHttp(words: string): Server[] {
  const tsuwsgi = ['http-socket', 'http'].map((option): Server => ({
    name: `tsuwsgi --${option}`,
    needs: [],
    start: (scope) => startTsuwsgi(scope, `--${option} 127.0.0.1:0 ${words}`),
  }));
  return [...tsuwsgi, ...uwsgiOverHttp(() => words)];
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
