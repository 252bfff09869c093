import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { APPS, PYTHON } from '../../test/helpers/paths.ts';
import type { Scope } from '../../test/helpers/scope.ts';
import { tempDir } from '../../test/helpers/temp.ts';
import { measureMixed } from '../mixed-load.ts';
import { startTsuwsgi } from '../servers.ts';
import { SharedMeasurement } from '../shared-measurement.ts';
import { paceOf } from '../wrk.ts';
import { type Contender, FLASK, type Section, type Server } from './section.ts';
import { uwsgiOverHttp, type Words } from './uwsgi-over-http.ts';

const CONNECTIONS = 64;
const BASELINE = 'uWSGI --http-socket';

const THREADED_FLASK = `${FLASK} --threads 16`;

/** What applications do. */
export const REAL_WORK: readonly Section[] = [
  ...paced(
    'JSON from Flask, 4 workers',
    '/?page=2',
    servers('python3-flask', () => FLASK),
  ),
  ...paced(
    'JSON from Flask, 4 workers of 16 threads',
    '/?page=2',
    servers('python3-flask', () => THREADED_FLASK),
  ),
  ...paced('A Django page with a query to SQLite and templates, 4 workers', '/category/3', servers('python3-django', djangoShop)),
  ...mixed(
    '4 workers',
    300,
    servers('python3-flask', () => FLASK),
  ),
  ...mixed(
    '4 workers of 16 threads',
    3000,
    servers('python3-flask', () => THREADED_FLASK),
  ),
];

function paced(what: string, path: string, contenders: readonly Server[]): Section[] {
  const measured = shared(contenders, ({ start }) => {
    return async (scope, seconds) => paceOf(await start(scope), path, { connections: CONNECTIONS, seconds });
  });
  return [
    { title: `${what}, 64 connections`, unit: 'requests/s', baseline: BASELINE, contenders: measured(({ rate }) => rate) },
    { title: `${what}, 64 connections: 99th percentile`, unit: 'ms', baseline: BASELINE, contenders: measured(({ p99 }) => p99) },
  ];
}

/** @param rate requests/s, of which about so many can be answered: what is measured is a number of requests and not a time */
function mixed(what: string, rate: number, contenders: readonly Server[]): Section[] {
  const measured = shared(contenders, ({ start }) => async (scope, seconds) => {
    return measureMixed(scope, await start(scope), Math.ceil(rate * seconds));
  });
  const title = `Flask, one request in 20 takes 200 ms, ${what}, 64 connections`;
  return [
    { title, unit: 'requests/s', baseline: BASELINE, contenders: measured(({ rate }) => rate) },
    { title: `${title}: 99th percentile of the others`, unit: 'ms', baseline: BASELINE, contenders: measured(({ p99 }) => p99) },
  ];
}

/** One measurement of each server, from which each section takes its figure. */
function shared<Figures>(
  contenders: readonly Server[],
  measurement: (server: Server) => (scope: Scope, seconds: number) => Promise<Figures>,
): (choose: (figures: Figures) => number) => Contender[] {
  const measurements = contenders.map((server) => ({ server, measurement: new SharedMeasurement(measurement(server)) }));
  return (choose) => measurements.map(({ server: { name, needs }, measurement }) => ({ name, needs, figure: measurement.figure(choose) }));
}

function servers(framework: string, words: Words): Server[] {
  return [
    {
      name: 'tsuwsgi --http-socket',
      needs: [framework],
      start: (scope) => startTsuwsgi(scope, `--http-socket 127.0.0.1:0 ${words(scope)}`),
    },
    ...uwsgiOverHttp(words, [framework]),
  ];
}

/** A database of its own for each server. */
function djangoShop(scope: Scope): string {
  const site = join(APPS, 'django-shop');
  const database = join(tempDir(scope), 'shop.sqlite3');
  const { status, stderr } = spawnSync(PYTHON, ['-B', 'fill.py'], { cwd: site, env: { SHOP_DATABASE: database }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${site}/fill.py failed:\n${stderr}`);
  return `-M -p 4 -L --env SHOP_DATABASE=${database} --chdir ${site} --wsgi-file shop/wsgi.py`;
}
