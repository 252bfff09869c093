import { join } from 'node:path';
import { formatAddress } from '../../test/helpers/address.ts';
import { fastcgiPass, proxyPass, scgiPass } from '../../test/helpers/nginx.ts';
import type { Scope } from '../../test/helpers/scope.ts';
import { tempDir } from '../../test/helpers/temp.ts';
import { type Front, inFront, startTsuwsgi, startUwsgi } from '../servers.ts';
import { FLASK, HELLO, type SectionInTurns, type Server, UWSGI } from './section.ts';

const FASTCGI_PATH = 'fastcgi_param PATH_INFO $document_uri;';
const KEPT_FASTCGI = `include /etc/nginx/fastcgi_params; ${FASTCGI_PATH} fastcgi_keep_conn on; fastcgi_pass app;`;
const KEPT_HTTP = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://app;';

/** An application, and the words of the command line for it. */
interface Site {
  readonly what: string;
  readonly words: string;
  readonly needs: readonly string[];
}

const LOGGED_HELLO: Site = { what: 'request log to a file', words: HELLO, needs: [] };

/** With nginx in front, by each protocol. */
export const BEHIND_NGINX: readonly SectionInTurns[] = [
  byTheBestWay(),
  behindNginx('a Unix socket', unixSocket, LOGGED_HELLO),
  behindNginx('TCP', () => '127.0.0.1:0', LOGGED_HELLO),
  // What most of uWSGI's users have.
  behindNginx('a Unix socket', unixSocket, { what: 'JSON from Flask, 4 workers, no request log', words: FLASK, needs: ['python3-flask'] }),
  passedOn('fastcgi_pass', 'fastcgi-socket', {
    pass: (to) => ({ server: fastcgiPass(to, FASTCGI_PATH) }),
    keep: keeping(KEPT_FASTCGI),
  }),
  passedOn('scgi_pass', 'scgi-socket', { pass: (to) => ({ server: scgiPass(to, 'scgi_param PATH_INFO $document_uri;') }) }),
  passedOn('proxy_pass', 'http-socket', { pass: (to) => ({ server: proxyPass(to) }), keep: keeping(KEPT_HTTP) }),
];

/** Every way over a Unix socket that is fast for one of them. uWSGI keeps no connections, so its own protocol is its best. */
function byTheBestWay(): SectionInTurns {
  const tsuwsgi = (option: string, what: string, front?: Front): Server => ({
    name: `tsuwsgi --${option}, ${what}`,
    needs: ['nginx-light'],
    start: async (scope) => inFront(await startTsuwsgi(scope, quiet(scope, option)), scope, front),
  });
  return {
    title: 'Behind nginx, each server by its best way, on a Unix socket, 64 connections, no request log',
    unit: 'requests/s',
    baseline: 'uWSGI --socket, uwsgi_pass',
    connections: 64,
    contenders: [
      tsuwsgi('socket', 'uwsgi_pass'),
      tsuwsgi('http-socket', 'proxy_pass, kept connections', keeping(KEPT_HTTP)),
      tsuwsgi('fastcgi-socket', 'fastcgi_pass, kept connections', keeping(KEPT_FASTCGI)),
      {
        name: 'uWSGI --socket, uwsgi_pass',
        needs: ['nginx-light', ...UWSGI],
        start: async (scope) => inFront(await startUwsgi(scope, quiet(scope, 'socket')), scope),
      },
    ],
  };
}

function quiet(scope: Scope, option: string): string {
  return `--${option} ${unixSocket(scope)} -C666 -L ${HELLO}`;
}

function unixSocket(scope: Scope): string {
  return join(tempDir(scope), 'app.sock');
}

function behindNginx(on: string, socket: (scope: Scope) => string, { what, words: site, needs }: Site): SectionInTurns {
  const words = (scope: Scope) => `--socket ${socket(scope)} -C666 ${site}`;
  return {
    title: `Behind nginx by uwsgi_pass on ${on}, 64 connections, ${what}`,
    unit: 'requests/s',
    baseline: 'uWSGI --socket',
    connections: 64,
    contenders: [
      {
        name: 'tsuwsgi --socket',
        needs: ['nginx-light', ...needs],
        start: async (scope) => inFront(await startTsuwsgi(scope, words(scope)), scope),
      },
      {
        name: 'uWSGI --socket',
        needs: ['nginx-light', ...UWSGI, ...needs],
        start: async (scope) => inFront(await startUwsgi(scope, words(scope)), scope),
      },
    ],
  };
}

/** nginx in front over TCP, by another protocol than uWSGI's own: a connection a request, as by default, and kept ones, which uWSGI has not. */
function passedOn(directive: string, option: string, { pass, keep }: { pass: Front; keep?: Front }): SectionInTurns {
  const words = `--${option} 127.0.0.1:0 ${HELLO}`;
  const tsuwsgi = (name: string, front: Front): Server => ({
    name: `tsuwsgi --${option}${name}`,
    needs: ['nginx-light'],
    start: async (scope) => inFront(await startTsuwsgi(scope, words), scope, front),
  });
  return {
    title: `Behind nginx by ${directive} on TCP, 64 connections, request log to a file`,
    unit: 'requests/s',
    baseline: `uWSGI --${option}`,
    connections: 64,
    contenders: [
      tsuwsgi('', pass),
      ...(keep ? [tsuwsgi(', kept connections', keep)] : []),
      {
        name: `uWSGI --${option}`,
        needs: ['nginx-light', ...UWSGI],
        start: async (scope) => inFront(await startUwsgi(scope, words), scope, pass),
      },
    ],
  };
}

function keeping(location: string): Front {
  return (to) => ({ http: `upstream app { server ${formatAddress(to)}; keepalive 32; }`, server: `location / { ${location} }` });
}
