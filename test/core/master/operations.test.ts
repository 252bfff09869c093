import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReloadError } from '../../../src/core/errors/workers.ts';
import { type OperationPorts, Operations } from '../../../src/core/master/operations.ts';
import type { StatsDocument } from '../../../src/core/stats/document.ts';
import { Worker } from '../../../src/core/workers/worker.ts';
import { fakeClock } from '../../helpers/clock.ts';
import { statsDocument, workerStats } from '../../helpers/stats-document.ts';

/** A server that only notes what it is told. */
function server(over: Partial<OperationPorts> = {}) {
  const said: string[] = [];
  const lines: string[] = [];
  const clock = fakeClock();
  const note = (text: string) => (): void => void said.push(text);
  const sites = {
    wanted: 2,
    workers: [2, 1].map((id) => new Worker({ id, rank: id, seat: id, threads: 1, generation: 1, bornAt: 0 })),
    pause: note('pool pauses'),
    resume: note('pool resumes'),
    all: ['/'],
    scale: (wanted: number) => (sites.wanted = Math.min(Math.max(1, wanted), 4)),
    scaleBy: (change: number) => sites.scale(sites.wanted + change),
    isAsleep: false,
    successor: '2 new workers serve',
    fallAsleep: () => Promise.resolve(!sites.isAsleep && (sites.isAsleep = true)),
    wake: (because: string) => Promise.resolve(note(`wake because of ${because}`)()),
  };
  const operations = new Operations({
    sites,
    gateway: () => ({ pause: note('gateway pauses'), resume: note('gateway resumes') }),
    reload: () => Promise.resolve(),
    stop: (how) => Promise.resolve(note(`stop ${how}`)()),
    statistics: () => statsDocument([]),
    describe: () => Promise.resolve(statsDocument([workerStats([60])])),
    recent: () => ({ errors: [], slow: [], events: [{ at: 1, text: 'reloaded' }] }),
    writePidFiles: () => ['/run/app.pid'],
    logFile: { reopen: note('reopen the log'), rotate: note('rotate the log') },
    now: clock.now,
    after: clock.after,
    signal: (pid, signal) => said.push(`${signal} ${pid}`),
    log: { line: (text) => lines.push(text), event: (text) => lines.push(text) },
    ...over,
  });
  return { operations, sites, said, lines, clock };
}

describe('a pause', () => {
  test('closes both doors, once, and resuming opens them', async () => {
    const { operations, said } = server();
    assert.match(await operations.perform('pause', 'test'), /^paused: /);
    assert.equal(await operations.perform('pause', 'test'), 'paused already');
    assert.equal(operations.isPaused, true);
    assert.deepEqual(said.splice(0), ['gateway pauses', 'pool pauses']);
    assert.equal(await operations.perform('resume', 'test'), 'resumed');
    assert.equal(await operations.perform('resume', 'test'), 'not paused');
    assert.equal(operations.isPaused, false);
    assert.deepEqual(said, ['pool resumes', 'gateway resumes']);
  });

  test('begins and ends with the same signal', async () => {
    const { operations } = server();
    await operations.perform('toggle-pause', 'SIGTSTP');
    assert.equal(operations.isPaused, true);
    await operations.perform('toggle-pause', 'SIGTSTP');
    assert.equal(operations.isPaused, false);
  });

  test('ends with a graceful stop, since what waits would wait for ever', async () => {
    const { operations, said } = server();
    await operations.perform('pause', 'test');
    await operations.perform('stop-gracefully', 'test');
    assert.deepEqual(said.slice(2), ['pool resumes', 'gateway resumes', 'stop gracefully']);
    await assert.rejects(operations.perform('pause', 'test'), { code: 'TSU_STOPPING' });
  });
});

describe('the number of workers', () => {
  test('goes up and down by one, and to what is named', async () => {
    const { operations, sites } = server();
    await operations.perform('one-more-worker', '"+"');
    assert.equal(sites.wanted, 3);
    assert.equal(await operations.perform('one-worker-less', '"-"'), '2 workers are wanted instead of 3');
    assert.equal(await operations.obey({ type: 'scale', workers: 1 }, 'test', () => undefined), '1 worker is wanted instead of 2');
  });

  test('is that of each application where there are several', async () => {
    const { operations, sites } = server();
    sites.all.push('/shop');
    assert.equal(await operations.perform('one-more-worker', '"+"'), 'up to 3 workers of each application are wanted instead of 2');
  });

  test('has a limit, which is told', async () => {
    const { operations } = server();
    const answer = await operations.obey({ type: 'scale', workers: 9 }, 'test', () => undefined);
    assert.equal(answer, '4 workers are wanted instead of 2, and not 9: that is the limit');
  });
});

describe('a server that sleeps', () => {
  test('was sent to sleep once', async () => {
    const { operations, lines } = server();
    assert.match(await operations.perform('go-cheap', '"C"'), /^asleep: /);
    assert.equal(await operations.perform('go-cheap', '"C"'), 'asleep already');
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^"C": asleep: /);
  });

  test('wakes when workers are asked for, with as many', async () => {
    const { operations, sites, said } = server();
    sites.isAsleep = true;
    await operations.obey({ type: 'scale', workers: 3 }, 'test', () => undefined);
    assert.deepEqual([sites.wanted, said], [3, ['wake because of test']]);
    await operations.perform('one-more-worker', '"+"');
    assert.deepEqual([sites.wanted, said.length], [4, 2]);
  });

  test('has no worker that could be sent away', async () => {
    const { operations, sites, said } = server();
    sites.isAsleep = true;
    assert.equal(await operations.perform('one-worker-less', '"-"'), 'asleep: there is no worker');
    assert.deepEqual([sites.wanted, said], [2, []]);
  });

  test('tells after a reload that it still does', async () => {
    const { operations, sites } = server();
    sites.successor = 'asleep, the next request starts the new code';
    assert.equal(await operations.perform('reload', 'test'), 'reloaded: asleep, the next request starts the new code');
  });

  test('is not sent to sleep when it stops', async () => {
    const { operations } = server();
    await operations.perform('stop-gracefully', 'test');
    await assert.rejects(operations.perform('go-cheap', 'test'), { code: 'TSU_STOPPING' });
  });
});

test('what goes wrong is in the log, with who asked for it, and told to who waits', async () => {
  const { operations, lines } = server({ reload: () => Promise.reject(new ReloadError(new Error('no such module'))) });
  await assert.rejects(operations.perform('reload', 'SIGHUP'), { code: 'TSU_RELOAD' });
  assert.deepEqual(lines, ['SIGHUP: the reload failed, the old workers go on serving: no such module']);
});

test('pid files are written anew, and it is said where there is none', async () => {
  assert.equal(await server().operations.perform('write-pid-files', 'test'), 'wrote /run/app.pid');
  assert.equal(await server({ writePidFiles: () => [] }).operations.perform('write-pid-files', 'test'), 'there is no pid file to write');
});

test('the log is reopened and rotated, and it is said where there is no file', async () => {
  const { operations, said } = server();
  await operations.perform('reopen-log', '"l"');
  await operations.perform('rotate-log', '"L"');
  assert.deepEqual(said, ['reopen the log', 'rotate the log']);
  assert.equal(await server({ logFile: undefined }).operations.perform('rotate-log', '"L"'), 'there is no log file to rotate');
});

test('what happened lately is told as JSON', async () => {
  const { operations } = server();
  const answers: string[] = [];
  await operations.obey({ type: 'recent' }, 'test', (text) => void answers.push(text));
  assert.deepEqual(JSON.parse(answers.join('')), { errors: [], slow: [], events: [{ at: 1, text: 'reloaded' }] });
});

describe('stacks', () => {
  test('come in the order of the workers', async () => {
    const { operations, lines } = server();
    await operations.perform('log-stacks', 'SIGUSR2');
    assert.deepEqual(lines, [
      'SIGUSR2: the Python stacks of all workers follow',
      'worker 1, starting:\nhas not come up yet',
      'worker 2, starting:\nhas not come up yet',
    ]);
  });

  test('of a worker that is not there cannot be had', async () => {
    const { operations } = server();
    await assert.rejects(
      operations.obey({ type: 'stacks', worker: 3 }, 'test', () => undefined),
      { code: 'TSU_NO_SUCH_WORKER' },
    );
  });
});

test('the statistics go to the log as lines, and to a command as the document', async () => {
  const { operations, lines } = server();
  await operations.perform('log-stats', 'SIGUSR1');
  assert.deepEqual(lines, ['statistics: 0 requests, 0 workers', '  in the last 0 s no requests; 0 MB of memory']);
  const answers: string[] = [];
  await operations.obey({ type: 'stats' }, 'test', (text) => answers.push(text));
  const [worker] = (JSON.parse(answers.join('')) as StatsDocument).workers;
  assert.deepEqual(worker?.cores[0]?.vars, ['REQUEST_METHOD=GET', 'REQUEST_URI=/for=60', '']);
});
