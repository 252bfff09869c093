import type { Scope } from '../../test/helpers/scope.ts';
import { startUwsgi, startUwsgiRouter } from '../servers.ts';
import { type Server, UWSGI } from './section.ts';

/** The words of a server that runs an application; what they need is made in the scope. */
export type Words = (scope: Scope) => string;

/**
 * uWSGI's two ways to speak HTTP: its workers do, with a connection a request, or a process in front of them.
 *
 * @param needs what the application does, beside uWSGI
 */
export function uwsgiOverHttp(words: Words, needs: readonly string[] = []): Server[] {
  return [
    {
      name: 'uWSGI --http-socket',
      needs: [...needs, ...UWSGI],
      start: (scope) => startUwsgi(scope, `--http-socket 127.0.0.1:0 ${words(scope)}`),
    },
    {
      name: 'uWSGI --http --http-keepalive',
      needs: [...needs, ...UWSGI],
      start: (scope) => startUwsgiRouter(scope, words(scope)),
    },
  ];
}
