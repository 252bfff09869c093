import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadOptions } from '../../../src/core/config/load.ts';
import { planEmperor } from '../../../src/core/plan/emperor.ts';

const planOf = (line: string) => {
  const { options, entries } = loadOptions(`--emperor vassals ${line}`.trim().split(' '), {});
  return planEmperor(options, entries, '/srv');
};

test('is plain data', () => {
  const plan = planOf('--emperor-stats :9000 --env A=1 --logto emperor.log');
  assert.deepEqual(structuredClone(plan), plan);
  assert.equal(plan.log.file, '/srv/emperor.log');
  assert.deepEqual(plan.environment, { A: '1' });
});

test('gives vassals words in the order of uWSGI', () => {
  const { wordsBefore, wordsAfter } = planOf(
    '--vassals-inherit i.ini --vassals-include n.ini --vassals-set a=1 --vassal-set b=2 --vassals-include-before nb.ini --vassals-inherit-before ib.ini',
  );
  assert.deepEqual(wordsBefore, ['--inherit', 'ib.ini', '--include', 'nb.ini', '--set', 'a=1', '--set', 'b=2']);
  assert.deepEqual(wordsAfter, ['--inherit', 'i.ini', '--include', 'n.ini']);
});

test('the further extensions have their dots', () => {
  assert.deepEqual(planOf('--emperor-extra-extension conf --emperor-extra-ext .cfg').moreExtensions, ['.conf', '.cfg']);
});

for (const { line, owners } of [
  { line: '', owners: 'same-user' },
  { line: '--emperor-tyrant', owners: 'of-target' },
  { line: '--emperor-tyrant-nofollow', owners: 'of-link' },
]) {
  test(`runs vassals as ${owners} with "${line}"`, () => assert.equal(planOf(line).owners, owners));
}

test('holds vassals back as it is told', () => {
  assert.deepEqual(planOf('').throttle, { firstMs: 1000, mostMs: 180_000, grows: true });
  const told = planOf('--emperor-throttle 5 --emperor-max-throttle 50 --emperor-no-blacklist --emperor-curse-tolerance 7 --emperor-freq 2');
  assert.deepEqual(told.throttle, { firstMs: 5, mostMs: 50, grows: false });
  assert.deepEqual([told.toleranceMs, told.intervalMs], [7000, 2000]);
});

test('writes its own pid file besides the others', () => {
  const { process: own } = planOf('--emperor-pidfile emperor.pid --pidfile2 second.pid');
  assert.deepEqual(own.laterPidFiles, ['second.pid', 'emperor.pid']);
});

test('becomes its user even where a master would stay root', () => {
  const { process: own } = planOf('--master --uid www-data --master-as-root');
  assert.deepEqual([own.user, own.masterAsRoot], ['www-data', false]);
});

test('tells whether its statistics are for everybody', () => {
  for (const [address, isPublic] of [
    [':9191', true],
    ['127.0.0.1:9191', false],
    ['/run/stats.sock', false],
  ] as const)
    assert.equal(planOf(`--emperor-stats ${address}`).areStatsPublic, isPublic);
});

test('has no loggers, and so nothing misses one', () => {
  const { log, idleOptions } = planOf('--logger stdio --log-encoder nl:slow');
  assert.deepEqual([log.writer, idleOptions], [undefined, ['logger', 'log-encoder']]);
});

test('knows which options mean nothing to it', () => {
  assert.deepEqual(planOf('--harakiri 30 --harakiri 40 --uid www-data --master --plugin python3 --set who=me --threads 2').idleOptions, [
    'harakiri',
    'threads',
  ]);
});

for (const words of ['--http :8000', '--socket :3031', '--module app', '--wsgi-file app.py', '--mount /a=a.py']) {
  test(`has no ${words} of its own`, () => {
    assert.throws(() => planOf(words), { code: 'TSU_PLAN', message: /an emperor serves no application/ });
  });
}

for (const words of ['--uid nobody', '--gid nogroup']) {
  test(`is no tyrant as ${words}`, () => {
    assert.throws(() => planOf(`--emperor-tyrant ${words}`), { code: 'TSU_PLAN', message: /only root/ });
  });
}
