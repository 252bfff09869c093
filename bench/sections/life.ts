import { join } from 'node:path';
import type { Scope } from '../../test/helpers/scope.ts';
import { tempDir } from '../../test/helpers/temp.ts';
import { NODE, SERVER } from '../../test/helpers/server.ts';
import { wallTime } from '../commands.ts';
import { manySites, wakeUp, type WakeUp } from '../many-sites.ts';
import { measureReloads, type ReloadFigures } from '../reload.ts';
import { type Started, startTsuwsgi, startUwsgiRouter } from '../servers.ts';
import { type Contender, type Section, UWSGI } from './section.ts';

/** What is waited for in a server's life: a site that wakes up, a reload, a check. */
export const LIFE: readonly Section[] = [
  {
    title: 'The first request to a site that sleeps, 20 mounted Flask sites with --cheap, one of them under load: median of the 19',
    unit: 'ms',
    baseline: 'its import',
    contenders: [
      woken('in all', ({ total }) => total),
      woken('its import', ({ imported }) => imported),
      woken('beyond its import', ({ beyond }) => beyond),
    ],
  },
  {
    title: 'Reloads under load by SIGHUP, a Flask site, 4 workers, 32 connections: 99th percentile during them, by that before',
    unit: 'times',
    baseline: 'uWSGI --http --http-keepalive',
    contenders: reloaded(({ slowdown }) => slowdown),
  },
  {
    title: 'Reloads under load, in the same way: the longest response',
    unit: 'ms',
    baseline: 'uWSGI --http --http-keepalive',
    contenders: reloaded(({ longest }) => longest),
  },
  {
    title: 'Checking a config file, from start to end',
    unit: 'ms',
    baseline: 'node -e 0',
    contenders: [
      { name: 'node -e 0', needs: [], figure: (_, seconds) => Promise.resolve(wallTime([NODE, '-e', '0'], seconds)) },
      validation('config validate, 40 lines', 40),
      validation('config validate, 2,000 lines', 2000),
    ],
  },
];

function woken(name: string, figure: (wakeUp: WakeUp) => number): Contender {
  return {
    name,
    needs: ['python3-flask'],
    figure: async (scope) =>
      figure(await wakeUp(scope, await startTsuwsgi(scope, `--http-socket 127.0.0.1:0 ${manySites(scope)} -p 4 --cheap`))),
  };
}

function reloaded(figure: (figures: ReloadFigures) => number): Contender[] {
  const words = (folder: string): string => `-M -p 4 -L --chdir ${folder} --wsgi-file site.wsgi.py`;
  const contender = (name: string, needs: readonly string[], start: (scope: Scope, folder: string) => Promise<Started>): Contender => ({
    name,
    needs: ['python3-flask', ...needs],
    figure: async (scope, seconds) => figure(await measureReloads(scope, start, seconds)),
  });
  return [
    contender('tsuwsgi --http', [], (scope, folder) => startTsuwsgi(scope, `--http 127.0.0.1:0 ${words(folder)}`)),
    contender('uWSGI --http --http-keepalive', UWSGI, (scope, folder) => startUwsgiRouter(scope, words(folder))),
  ];
}

/** A file of so many lines without a fault: variables for the application, below what every site has. */
function validation(name: string, lines: number): Contender {
  const common = ['[uwsgi]', 'http-socket = 127.0.0.1:8000', 'module = site.wsgi', 'master = true', 'processes = 4', 'harakiri = 30'];
  const variables = Array.from({ length: lines - common.length }, (_, at) => `env = SETTING_${String(at)}=%d${String(at)}`);
  const figure = (scope: Scope, seconds: number): Promise<number> => {
    const folder = tempDir(scope, { 'app.ini': `${[...common, ...variables].join('\n')}\n` });
    return Promise.resolve(wallTime([...SERVER, 'config', 'validate', join(folder, 'app.ini')], seconds));
  };
  return { name, needs: [], figure };
}
