/** tsuwsgi, and its peers with the same application, the same limits and as many workers. */
import { NODE, SERVER } from '../../test/helpers/server.ts';
import type { Contender, Door, Part } from './contender.ts';
import { uwsgiConfig, uwsgiConfigOfItsOwn } from './uwsgi-config.ts';

const TITLES: Readonly<Record<Door, string>> = { http: 'over HTTP', uwsgi: 'by the uwsgi protocol', nginx: 'behind nginx' };

const SCALING = {
  'one more worker': { character: '+' },
  'one worker less': { character: '-' },
} as const;

/** How they end is not what is asked here, and after some faults they take long. */
const KILLED: Contender['stop'] = { stopSignal: 'SIGKILL', stopStatus: 'any' };

/** tsuwsgi, with a gateway for HTTP and without one for the uwsgi protocol. */
export function tsuwsgi(door: Door): Contender {
  return {
    name: `tsuwsgi ${TITLES[door]}`,
    isOurs: true,
    door,
    needs: door === 'nginx' ? ['nginx-light'] : [],
    abilities: [
      'spawner',
      'limits of memory',
      'chain reload',
      'scaling',
      'libfaketime',
      ...(door === 'http' ? (['gateway'] as const) : []),
    ],
    ownStages: ['clock jumps'],
    command: [...SERVER, 'app.ini'],
    stop: { stopSignal: 'SIGTERM', stopStatus: [0] },
    configName: 'app.ini',
    configure: (setup) => uwsgiConfig(setup, door === 'http' ? 'http' : 'socket'),
    part: (part, master, family) => {
      const isOfMaster = family.filter(({ parent }) => parent === master);
      const isPython = (command: string) => command.includes('python') && !command.startsWith(NODE);
      const parts: Readonly<Record<Part, () => typeof isOfMaster>> = {
        worker: () => family.filter(({ parent, command }) => parent !== master && isPython(command)),
        spawner: () => isOfMaster.filter(({ command }) => isPython(command)),
        gateway: () => isOfMaster.filter(({ command }) => command.includes('gateway')),
      };
      return parts[part]();
    },
    orders: { ...SCALING, 'chain reload': { character: 'c', done: 'new workers serve' } },
  };
}

export function uwsgi(door: Door): Contender {
  return {
    name: `uWSGI ${TITLES[door]}`,
    isOurs: false,
    door,
    needs: ['uwsgi', 'uwsgi-plugin-python3', ...(door === 'nginx' ? ['nginx-light'] : [])],
    abilities: ['limits of memory', 'chain reload', 'scaling', 'libfaketime'],
    ownStages: ['clock jumps', 'a chain reload', 'scaling'],
    command: ['uwsgi', '--ini', 'app.ini'],
    stop: KILLED,
    configName: 'app.ini',
    configure: (setup) => uwsgiConfig(setup, door === 'http' ? 'http-socket' : 'socket') + uwsgiConfigOfItsOwn(setup.stage),
    part: workersOfMaster,
    orders: { ...SCALING, 'chain reload': { character: 'c', done: 'chain reloading complete' } },
  };
}

export const GUNICORN: Contender = {
  name: `gunicorn ${TITLES.http}`,
  isOurs: false,
  door: 'http',
  needs: ['gunicorn'],
  // Its master sleeps by time.sleep(), which libfaketime 0.9.10 breaks (see site.ts).
  abilities: ['scaling'],
  ownStages: [],
  command: ['gunicorn', '--config', 'gunicorn.conf.py', 'app:application'],
  stop: KILLED,
  configName: 'gunicorn.conf.py',
  configure: ({ addresses, threads, log }) => `bind = ${JSON.stringify(addresses)}
workers = 2
threads = ${String(threads)}
accesslog = errorlog = ${JSON.stringify(log)}
`,
  part: workersOfMaster,
  orders: { 'one more worker': { signal: 'SIGTTIN' }, 'one worker less': { signal: 'SIGTTOU' } },
};

function workersOfMaster(...[part, master, family]: Parameters<Contender['part']>): ReturnType<Contender['part']> {
  return part === 'worker' ? family.filter(({ parent }) => parent === master) : [];
}
