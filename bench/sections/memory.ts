import { join } from 'node:path';
import { launch } from '../../test/helpers/child.ts';
import { APPS } from '../../test/helpers/paths.ts';
import type { Scope } from '../../test/helpers/scope.ts';
import { NODE } from '../../test/helpers/server.ts';
import { manySites, memoryOfSites } from '../many-sites.ts';
import { memoryAtRest, memoryOf, memoryOfTree, memoryOverHttp, PATHS } from '../memory.ts';
import { type Started, startModWsgi, startTsuwsgi, startUwsgi } from '../servers.ts';
import { type Contender, measured, type Section, UWSGI } from './section.ts';

const SITE = join(APPS, 'django-site');
const DJANGO = `-M -p 8 --chdir ${SITE} --wsgi-file mysite/wsgi.py -L`;
/** All kinds of pages that are asked for afterwards. */
const WARMUP = PATHS.map((path) => `--warmup ${path}`).join(' ');
const HELLO = '--http-socket 127.0.0.1:0 --wsgi-file hello.py -L';
const MOD_WSGI = ['apache2', 'libapache2-mod-wsgi-py3'];

/** What servers need of the machine's memory. */
export const MEMORY: readonly Section[] = [
  {
    title: 'Memory of a Django site: PSS of all processes, 8 workers after warm-up, uwsgi socket',
    unit: 'KiB',
    baseline: 'uWSGI',
    contenders: measured(memoryOf, [
      { name: 'tsuwsgi', needs: ['python3-django'], start: (scope) => startTsuwsgi(scope, `--socket 127.0.0.1:0 ${DJANGO}`) },
      {
        name: 'tsuwsgi, warmup',
        needs: ['python3-django'],
        start: (scope) => startTsuwsgi(scope, `--socket 127.0.0.1:0 ${DJANGO} ${WARMUP}`),
      },
      { name: 'uWSGI', needs: ['python3-django', ...UWSGI], start: (scope) => startUwsgi(scope, `--socket 127.0.0.1:0 ${DJANGO}`) },
    ]),
  },
  {
    title: 'Memory of a Django site: PSS of all processes, 8 workers after warm-up, straight over HTTP',
    unit: 'KiB',
    baseline: 'mod_wsgi, 8 processes',
    contenders: measured(memoryOverHttp, [
      { name: 'tsuwsgi', needs: ['python3-django'], start: (scope) => startTsuwsgi(scope, `--http-socket 127.0.0.1:0 ${DJANGO}`) },
      {
        name: 'tsuwsgi, warmup',
        needs: ['python3-django'],
        start: (scope) => startTsuwsgi(scope, `--http-socket 127.0.0.1:0 ${DJANGO} ${WARMUP}`),
      },
      {
        name: 'mod_wsgi, 8 processes',
        needs: ['python3-django', ...MOD_WSGI],
        start: (scope) => startModWsgi(scope, { processes: 8, script: join(SITE, 'mysite/wsgi.py'), directory: SITE }),
      },
      { name: 'uWSGI', needs: ['python3-django', ...UWSGI], start: (scope) => startUwsgi(scope, `--http-socket 127.0.0.1:0 ${DJANGO}`) },
    ]),
  },
  {
    title: 'Memory of hello world: PSS of all processes at rest after an answer, 1 worker, no master, straight over HTTP',
    unit: 'KiB',
    baseline: 'uWSGI',
    contenders: [
      ...measured(memoryAtRest, [
        { name: 'tsuwsgi', needs: [], start: (scope) => startTsuwsgi(scope, HELLO) },
        { name: 'uWSGI', needs: UWSGI, start: (scope) => startUwsgi(scope, HELLO) },
      ]),
      { name: 'node -e that does nothing', needs: [], figure: memoryOfBareNode },
    ],
  },
  {
    title: 'Memory of 20 mounted Flask sites, one of them under load: PSS of all processes, HTTP',
    unit: 'KiB',
    baseline: 'tsuwsgi -p 4',
    contenders: [
      sharing('tsuwsgi -p 4', '-p 4'),
      sharing('tsuwsgi -p 4 --cheaper 1 --idle 2', '-p 4 --cheaper 1 --idle 2'),
      sharing('tsuwsgi -p 4 --cheap --idle 2', '-p 4 --cheap --idle 2'),
      sharing('tsuwsgi -p 4 --single-interpreter', '-p 4 --single-interpreter'),
      sharing('uWSGI -p 4, all sites in each worker', '-p 4', 'uWSGI'),
    ],
  },
];

function sharing(name: string, words: string, server: 'tsuwsgi' | 'uWSGI' = 'tsuwsgi'): Contender {
  const start: (scope: Scope, words: string) => Promise<Started> = server === 'uWSGI' ? startUwsgi : startTsuwsgi;
  return {
    name,
    needs: ['python3-flask', ...(server === 'uWSGI' ? UWSGI : [])],
    figure: async (scope) => memoryOfSites(scope, await start(scope, `--http-socket 127.0.0.1:0 ${manySites(scope)} ${words}`)),
  };
}

/** The floor of whatever runs on Node. */
async function memoryOfBareNode(scope: Scope): Promise<number> {
  const child = launch(scope, {
    command: NODE,
    words: ['-e', 'setInterval(() => {}, 1e9); console.error("ready")'],
    cwd: APPS,
    stopSignal: 'SIGKILL',
    stopStatus: 'any',
  });
  await child.line(/^ready$/);
  return memoryOfTree(child.pid);
}
