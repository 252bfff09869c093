import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchSockets, type OpenSocket } from '../../../src/core/master/sockets.ts';
import type { SocketPlan } from '../../../src/core/plan/plan.ts';

const socket = (option: SocketPlan['option'], port: number): SocketPlan => ({
  option,
  address: { kind: 'tcp', text: `127.0.0.1:${port}`, host: '127.0.0.1', port },
  door: option === 'socket' ? 'direct' : 'gateway',
});

const open = (plan: SocketPlan, name: string): OpenSocket => ({
  plan,
  bound: { fd: -1, handle: undefined, name, port: undefined, file: undefined },
});

const names = (found: readonly (OpenSocket | undefined)[]) => found.map((one) => one?.bound.name);

test('each socket of a new plan finds the one that is open for it', () => {
  const before = [open(socket('socket', 1), 'a'), open(socket('http', 2), 'b')];
  assert.deepEqual(names(matchSockets(before, [socket('http', 2), socket('socket', 3), socket('socket', 1)])), ['b', undefined, 'a']);
});

test('an address that is put to another use stays open', () => {
  assert.deepEqual(names(matchSockets([open(socket('http', 2), 'b')], [socket('http-socket', 2)])), ['b']);
});

test('of two addresses whose ports the system has chosen each keeps its own', () => {
  const before = [open(socket('http', 0), 'a'), open(socket('http', 0), 'b'), open(socket('socket', 0), 'c')];
  assert.deepEqual(names(matchSockets(before, [socket('socket', 0), socket('http', 0), socket('http', 0), socket('http', 0)])), [
    'c',
    'a',
    'b',
    undefined,
  ]);
});

test('a uwsgi socket whose door changes keeps its port, chosen or not', () => {
  const before = [open(socket('socket', 0), 'a'), open(socket('socket', 0), 'b')];
  const byGateway: SocketPlan = { ...socket('socket', 0), door: 'gateway' };
  assert.deepEqual(names(matchSockets(before, [byGateway, byGateway])), ['a', 'b']);
});
