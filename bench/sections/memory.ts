import { join } from 'node:path';
import { APPS } from '../../test/helpers/paths.ts';
import type { Scope } from '../../test/helpers/scope.ts';
import { manySites, memoryOfSites } from '../many-sites.ts';
import { memoryOf } from '../memory.ts';
import { type Started, startTsuwsgi, startUwsgi } from '../servers.ts';
import { type Contender, measured, type Section, UWSGI } from './section.ts';

const DJANGO = `--socket 127.0.0.1:0 -M -p 8 --chdir ${join(APPS, 'django-site')} --wsgi-file mysite/wsgi.py -L`;

/** What servers need of the machine's memory. */
export const MEMORY: readonly Section[] = [
  {
    title: 'Memory of a Django site: PSS of all processes, 8 workers after warm-up, uwsgi socket',
    unit: 'KiB',
    baseline: 'uWSGI',
    contenders: measured(memoryOf, [
      { name: 'tsuwsgi', needs: ['python3-django'], start: (scope) => startTsuwsgi(scope, DJANGO) },
      { name: 'uWSGI', needs: ['python3-django', ...UWSGI], start: (scope) => startUwsgi(scope, DJANGO) },
    ]),
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
