import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { HookRunner } from '../../../src/core/master/hooks.ts';
import { parseHook } from '../../../src/core/options/hook.ts';
import { planHooks, type HookStep } from '../../../src/core/plan/hooks.ts';
import { tempDir } from '../../helpers/temp.ts';
import { NOT_ROOT } from '../../helpers/requirements.ts';
import { optionsOf } from '../../helpers/plan.ts';

/** A runner that writes down what it says, and its room. */
function start(t: TestContext) {
  const room = tempDir(t);
  const lines: string[] = [];
  const environment: NodeJS.ProcessEnv = { PATH: process.env['PATH'] };
  const log = { line: (text: string) => lines.push(text), event: (text: string) => lines.push(text) };
  const output = { fd: openSync(join(room, 'output'), 'a') };
  t.after(() => closeSync(output.fd));
  const runner = new HookRunner({ log, output, environment, variables: { FROM_CONFIG: 'yes' } });
  const run = (...texts: string[]) => runner.run(texts.map(step));
  return { room, lines, environment, runner, run, path: (name: string) => join(room, name) };
}

function step(text: string): HookStep {
  return { option: 'hook-asap', ...parseHook(text) };
}

describe('the actions', () => {
  test('make, change and remove files', async (t) => {
    const { run, path } = start(t);
    const file = path('text');
    await run(`mkdir:${path('d')}`, `create:${path('gone')}`, `unlink:${path('gone')}`, `sticky:${path('d')}`);
    await run(`write:${file} one two`, `append:${file} , three`, `appendn:${file} !`, `chmod:${file} 600`);
    await run(`writen:${path('line')} a  b`);
    assert.equal(readFileSync(file, 'utf8'), 'one two, three!\n');
    assert.equal(readFileSync(path('line'), 'utf8'), 'a  b\n');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(path('d')).mode & 0o1000, 0o1000);
    assert.equal(existsSync(path('gone')), false);
  });

  test('change the owner by name and by number', { skip: NOT_ROOT }, async (t) => {
    const { run, path } = start(t);
    await run(`create:${path('f')}`, `create:${path('g')}`, `chown:${path('f')} nobody nogroup`, `chown2:${path('g')} 12 13`);
    assert.deepEqual([statSync(path('f')).uid, statSync(path('f')).gid], [65534, 65534]);
    assert.deepEqual([statSync(path('g')).uid, statSync(path('g')).gid], [12, 13]);
  });

  test('run commands of the shell with the environment of the configuration and of hooks before', async (t) => {
    const { run, path, environment } = start(t);
    await run('putenv:FROM_HOOK=a=b', 'exec:echo $FROM_CONFIG $FROM_HOOK; echo to stderr >&2');
    assert.equal(environment['FROM_HOOK'], 'a=b');
    assert.equal(readFileSync(path('output'), 'utf8'), 'yes a=b\nto stderr\n');
  });

  test('write to a FIFO that is read, and fail where nobody reads', async (t) => {
    const { run, path } = start(t);
    execFileSync('mkfifo', [path('pipe')]);
    await assert.rejects(run(`writefifo:${path('pipe')} hello`), /ENXIO/);
    const reader = openSync(path('pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
    t.after(() => closeSync(reader));
    await run(`writefifo:${path('pipe')} hello`);
    const bytes = Buffer.alloc(10);
    assert.equal(bytes.toString('utf8', 0, readSync(reader, bytes)), 'hello');
  });

  test('wait for what is made meanwhile', async (t) => {
    const { run, path } = start(t);
    const waiting = run(`wait_for_file:${path('f')}`, `wait_for_fs:${path('f')}`, `wait_for_dir:${path('d')}`);
    await run(`mkdir:${path('d')}`, `create:${path('f')}`);
    await waiting;
  });
});

describe('the runner', () => {
  test('tells each step and stops at the first that fails', async (t) => {
    const { run, lines, path } = start(t);
    await assert.rejects(run('print:hello', 'exec:exit 7', `create:${path('after')}`), {
      code: 'TSU_HOOK',
      exitStatus: 1,
      message: 'hook-asap = exec:exit 7: command "exit 7" exited with non-zero code: 7',
    });
    assert.deepEqual(lines, ['running hook-asap = print:hello', 'hello', 'running hook-asap = exec:exit 7']);
    assert.equal(existsSync(path('after')), false);
  });

  test('takes a command that a signal ended for a failed one', async (t) => {
    const { run } = start(t);
    await assert.rejects(run('exec:kill -9 $$'), /was ended by SIGKILL/);
  });

  test('goes on after a safeexec that fails, and tells it', async (t) => {
    const { run, lines } = start(t);
    await run('safeexec:false', 'print:after');
    assert.match(lines.join('\n'), /command "false" exited with non-zero code: 1\n.*\nafter$/);
  });

  test('attempts every step where nothing can be called off', async (t) => {
    const { runner, lines } = start(t);
    await runner.attempt([step('exec:false'), step('print:after')]);
    assert.match(lines.join('\n'), /hook-asap = exec:false: command "false" exited.*\n.*\nafter$/);
  });

  test('lets exit end the server and does nothing after it', async (t) => {
    const { runner, run, lines } = start(t);
    const statuses: number[] = [];
    runner.end = (status) => statuses.push(status);
    await run('exit:33', 'print:after');
    await run('exit:');
    assert.deepEqual(statuses, [33, 0]);
    assert.ok(!lines.includes('after'));
  });

  test('leaves out what is for root where the server was not started as root, and says so', async (t) => {
    const { runner, lines } = start(t);
    const plan = planHooks(optionsOf('--exec-as-root echo --hook-as-root print:a --hook-as-user print:b'));
    await runner.runAsRoot(plan, 'as-root', false);
    await runner.runAsRoot(plan, 'as-user', false);
    assert.deepEqual(lines, ['not started as root: hook-as-root and exec-as-root not run', 'not started as root: hook-as-user not run']);
    await runner.runAsRoot(plan, 'as-user', true);
    assert.equal(lines.at(-1), 'b');
  });
});
