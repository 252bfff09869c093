import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { bind } from '../../../src/core/listen/bind.ts';
import type { GatewayCommand, GatewayPlan, GatewayReport } from '../../../src/core/plan/gateway-plan.ts';
import { createLineBuffers } from '../../../src/core/log/line-buffers.ts';
import { createScoreboard } from '../../../src/core/stats/scoreboard.ts';
import { within } from '../../helpers/eventually.ts';
import { HttpConnection } from '../../helpers/http.ts';
import { onEnd, type Scope } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';
import { FakeSlot } from './fake-slot.ts';
import { NO_FILES } from './no-files.ts';
import { NO_ROUTING } from './no-routing.ts';
import { PLAIN_LINE } from '../../helpers/request-log.ts';

const PATIENCE_MS = 20_000;

test('a gateway process serves, heeds its master and no signal, and ends when it is told to', async (t) => {
  const { child, client, slot } = await startProcess(t);
  child.kill('SIGTERM');
  child.kill('SIGINT');
  client.send('/');
  await slot.serve('served');
  assert.equal((await client.response()).text, 'served');
  client.close();
  tell(child, { type: 'stop', how: 'gracefully' });
  assert.deepEqual(await report(child), { type: 'stopped' });
  assert.deepEqual(await exit(child), [0, null]);
});

test('a gateway process does not outlive its master', async (t) => {
  const { child } = await startProcess(t);
  const ended = exit(child);
  child.disconnect();
  assert.deepEqual(await ended, [0, null]);
});

test('a gateway process leaves the output that it shares with others as it is', async (t) => {
  const { child } = await startProcess(t);
  // In octal, as open(2) has them. With O_NONBLOCK what an application prints would be lost where it should wait.
  const [, flags = ''] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/${String(child.pid)}/fdinfo/2`, 'latin1')) ?? [];
  assert.equal(parseInt(flags, 8) & constants.O_NONBLOCK, 0);
});

test('a gateway process that cannot come up says why', async (t) => {
  const { child, plan } = startChild(t);
  tell(child, { type: 'configure', plan: { ...plan, scoreboard: { ...plan.scoreboard, path: '/nowhere/scoreboard' } } });
  const { type, message } = (await report(child)) as Extract<GatewayReport, { type: 'failed' }>;
  assert.equal(type, 'failed');
  assert.match(message, /\/nowhere\/scoreboard/);
});

async function startProcess(t: Scope) {
  const path = join(tempDir(t), 'http.sock');
  const slotsPath = join(tempDir(t), 'gateway.sock');
  const http = await bind({ kind: 'unix', text: path, path });
  const slots = await bind({ kind: 'unix', text: slotsPath, path: slotsPath });
  const { child, plan } = startChild(t, http.fd, slots.fd);
  tell(child, { type: 'configure', plan });
  assert.deepEqual(await report(child), { type: 'ready' });
  const slot = new FakeSlot(slotsPath);
  const client = await HttpConnection.open({ path });
  onEnd(t, () => {
    slot.die();
    client.close();
  });
  return { child, client, slot };
}

function startChild(t: Scope, ...descriptors: number[]): { child: ChildProcess; plan: GatewayPlan } {
  const child = fork('src/core/gateway/main.ts', [], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc', ...descriptors],
  });
  child.stderr?.pipe(process.stderr);
  onEnd(t, () => void child.kill('SIGKILL'));
  const scoreboard = { path: join(tempDir(t), 'scoreboard'), slots: 1 };
  createScoreboard(scoreboard);
  const lineBuffers = { path: join(tempDir(t), 'line-buffers'), slots: 1, gateways: 1 };
  createLineBuffers(lineBuffers);
  const plan: GatewayPlan = {
    number: undefined,
    // Where the stdio list above puts them.
    listeners: [{ fd: 4, name: 'http.sock', protocol: 'http', option: 'http', serverName: 'box', serverPort: '80' }],
    slotsFd: 5,
    scoreboard,
    lineBuffers,
    backlog: 10,
    bufferSize: 4096,
    limitPost: 0,
    maxVariables: 0,
    harakiriMs: 0,
    httpHarakiriMs: 0,
    socketTimeoutMs: 4000,
    cgiTimeoutMs: 5000,
    headTimeoutMs: 5000,
    maxConnections: 0,
    tcpKeepAlive: false,
    bodyMemory: 65536,
    responseKept: 0,
    responsesKept: 0,
    mercyMs: 1000,
    bodyDirectory: undefined,
    keepAliveMs: 4000,
    sites: { mounted: [], managesScriptName: false, ignoresScriptName: false, isDynamic: false, otherwise: '' },
    queueLimit: 10,
    queueTimeoutMs: 0,
    processName: undefined,
    prefetch: 0,
    logRequests: true,
    requestLog: PLAIN_LINE,
    requestLogApart: false,
    files: NO_FILES,
    tracing: undefined,
    ...NO_ROUTING,
  };
  return { child, plan };
}

function tell(child: ChildProcess, command: GatewayCommand): void {
  child.send(command);
}

async function report(child: ChildProcess): Promise<GatewayReport> {
  const [message] = (await within(PATIENCE_MS, 'a report of the gateway', once(child, 'message'))) as [GatewayReport];
  return message;
}

async function exit(child: ChildProcess): Promise<unknown[]> {
  return within(PATIENCE_MS, 'the end of the gateway', once(child, 'exit'));
}
