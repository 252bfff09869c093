import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pythonRun, spawnerLaunch } from '../../../src/core/master/launching.ts';
import { SAME_USER } from '../../../src/core/master/privileges.ts';
import { planOf } from '../../helpers/plan.ts';
import { tempDir } from '../../helpers/temp.ts';

const OTHER_USER = { ...SAME_USER, prefix: ['setpriv', '--reuid=33'] };

test('what runs beside the server has the environment of the application and its interpreter, as its user', () => {
  const server = planOf('--http-socket :0 --module shop --limit-as 512');
  const plan = { ...server, application: { ...server.application, environment: { FLAVOUR: 'plum' } } };
  const settings = {
    resources: { children: OTHER_USER },
    environment: { FLAVOUR: 'none', HOME: '/home' },
    runtime: '/lib/tsuwsgi/__main__.py',
  };
  const { command, environment, runtime } = pythonRun(plan, settings);
  assert.deepEqual(command, ['setpriv', '--reuid=33', plan.sites[0]?.interpreter]);
  assert.deepEqual(environment, { FLAVOUR: 'plum', HOME: '/home', MALLOC_ARENA_MAX: '1' });
  assert.equal(runtime, '/lib/tsuwsgi');
});

test('a spawner is started with the files that it shares, where they are not there yet', (t) => {
  const path = tempDir(t);
  const plan = planOf('--http-socket :0 --module shop --cache2 name=a,items=5');
  const [site] = plan.sites;
  assert.ok(site);
  const launch = spawnerLaunch(
    plan,
    { site, generation: 7, needApp: true },
    {
      version: '1',
      resources: {
        children: OTHER_USER,
        directory: { path, remove: () => undefined },
        scoreboard: { path: 'scoreboard', slots: 4 },
        lineBuffers: { path: 'lines', slots: 4, gateways: 1 },
      },
      environment: { HOME: '/home' },
      runtime: '/lib/tsuwsgi/__main__.py',
      logFile: { fd: 9 },
      doors: { sockets: [], gatewayPaths: ['gateway.sock'] },
      controlPath: 'master.sock',
    },
  );
  const { generation, prefix, logFd, environment, controlPath, config } = launch;
  assert.deepEqual([generation, prefix, logFd, controlPath], [7, OTHER_USER.prefix, 9, 'master.sock']);
  assert.deepEqual(environment, { HOME: '/home' });
  assert.deepEqual(config.gatewaySockets, ['gateway.sock']);
  assert.deepEqual(
    config.shared.caches.map((cache) => cache.path),
    readdirSync(path).map((name) => join(path, name)),
  );
});
