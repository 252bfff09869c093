import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControlCommand } from '../../../src/core/wire/control.ts';
import { stacksOf } from '../../../src/core/workers/stacks.ts';
import { Worker } from '../../../src/core/workers/worker.ts';
import { fakeClock } from '../../helpers/clock.ts';

function connected() {
  const clock = fakeClock();
  const said: string[] = [];
  const worker = new Worker({ id: 1, rank: 1, seat: 0, threads: 1, generation: 1, bornAt: 0 });
  worker.pid = 101;
  worker.channel = {
    onReport: () => undefined,
    onEnd: () => undefined,
    send: (command: ControlCommand) => said.push(command.type),
    close: () => undefined,
  };
  const ports = { ...clock, signal: (pid: number, signal: string) => said.push(`${signal} ${pid}`) };
  return { clock, said, worker, ports };
}

test('a worker tells its stacks to all who asked', async () => {
  const { clock, said, worker, ports } = connected();
  const asked = [stacksOf(worker, ports), stacksOf(worker, ports)];
  worker.stacks.hear('here');
  assert.deepEqual(await Promise.all(asked), ['here', 'here']);
  clock.advance(10_000);
  assert.deepEqual(said, ['stacks']);
});

test('one that cannot answer in time writes them to the log without its interpreter', async () => {
  const { clock, said, worker, ports } = connected();
  const asked = stacksOf(worker, ports);
  clock.advance(1000);
  assert.match(await asked, /in the log/);
  assert.deepEqual(said, ['stacks', 'SIGUSR2 101']);
});

test('one that has not come up has none', async () => {
  const { worker, ports } = connected();
  worker.channel = undefined;
  assert.match(await stacksOf(worker, ports), /not come up/);
});
