import assert from 'node:assert/strict';
import test from 'node:test';
import { loadOptions } from '../../../src/core/config/load.ts';
import { unchangeable } from '../../../src/core/master/unchangeable.ts';
import { buildPlan } from '../../../src/core/plan/build.ts';

const BEFORE = '--http :9090 --wsgi-file server.py -M -p 4 --pythonpath /a';

const planOf = (line: string) =>
  buildPlan(loadOptions(line.split(' '), {}).options, { environment: { PATH: '/usr/bin' }, directory: '/', inheritedDescriptors: [] });

for (const { after, expected } of [
  { after: BEFORE, expected: [] },
  { after: `${BEFORE} --env A=1 --wsgi-file other.py -R 5 --limit-as 100 -L`, expected: [] },
  { after: `${BEFORE} --http :9091`, expected: ['sockets'] },
  { after: `${BEFORE} -p 5 --threads 2`, expected: ['threads'] },
  { after: `${BEFORE} --cheaper 2`, expected: ['cheaper and its kin'] },
  { after: `${BEFORE} -t 5`, expected: ['harakiri'] },
  { after: `${BEFORE} --exec-pre-app ls --exec-asap ls`, expected: [] },
  { after: `${BEFORE} --uid nobody`, expected: ['process settings (uid, gid, umask, chdir, pidfile, touch-reload …)'] },
  { after: `${BEFORE} --logto /log`, expected: ['log settings (logto, log-maxsize, touch-logrotate …)'] },
]) {
  test(`a reload from "${BEFORE}" to "${after.replace(BEFORE, '…')}" cannot bring ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(unchangeable(planOf(BEFORE), planOf(after)), expected);
  });
}
