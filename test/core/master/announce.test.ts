import assert from 'node:assert/strict';
import test from 'node:test';
import { announceBacklog, announceGatewayCount, announceReady, announceStatistics } from '../../../src/core/master/announce.ts';

for (const { what, limit, line } of [
  { what: 'that the system grants', limit: 128, line: 'backlog of each address: 128 (listen)' },
  {
    what: 'that the system cuts',
    limit: 127,
    line: 'backlog of each address: 128 (listen), cut to 127 by the system; to raise its limit: sysctl -w net.core.somaxconn=128',
  },
  { what: 'of whose limit the system does not tell', limit: undefined, line: 'backlog of each address: 128 (listen)' },
]) {
  test(`a backlog ${what}`, () => {
    const lines: string[] = [];
    announceBacklog({ line: (text) => lines.push(text), event: (text) => lines.push(text) }, 128, limit);
    assert.deepEqual(lines, [line]);
  });
}

for (const { what, count, asked, master, expected } of [
  { what: 'as many gateways as were asked for', count: 2, asked: 2, master: true, expected: [] },
  {
    what: 'fewer gateways for want of threads',
    count: 2,
    asked: 4,
    master: true,
    expected: [
      'gateways: 2, not 4 (gateways, http-processes): each needs a thread of a worker of its own; to have more raise processes or threads',
    ],
  },
  {
    what: 'one gateway without a master',
    count: 1,
    asked: 4,
    master: false,
    expected: ['gateways: 1, not 4 (gateways, http-processes): more need --master'],
  },
]) {
  test(`it is told of ${what}, or not`, () => {
    const lines: string[] = [];
    announceGatewayCount({ line: (text) => lines.push(text), event: (text) => lines.push(text) }, { count, asked }, { master });
    assert.deepEqual(lines, expected);
  });
}

for (const { workers, line } of [
  { workers: 0, line: 'ready: 0 workers, the first request starts them' },
  { workers: 1, line: 'ready: 1 worker' },
  { workers: 2, line: 'ready: 2 workers' },
]) {
  test(`it is told when ${workers} workers serve`, () => {
    const lines: string[] = [];
    announceReady({ line: (text) => lines.push(text), event: (text) => lines.push(text) }, workers);
    assert.deepEqual(lines, [line]);
  });
}

for (const { what, access, line } of [
  { what: 'that users of this machine reach', access: { token: undefined, isPublic: false }, line: 'stats on :9191' },
  { what: 'with a token', access: { token: 'f6d1a0c29b7e4385', isPublic: true }, line: 'stats on :9191' },
  {
    what: 'that everybody reaches',
    access: { token: undefined, isPublic: true },
    line: 'stats on :9191 (warning: whoever reaches it may read them; set stats-http and stats-token, or use 127.0.0.1)',
  },
]) {
  test(`an address of statistics ${what}`, () => {
    const lines: string[] = [];
    const bound = { fd: 3, handle: undefined, name: ':9191', port: 9191, file: undefined };
    announceStatistics({ line: (text) => lines.push(text), event: (text) => lines.push(text) }, bound, access);
    assert.deepEqual(lines, [line]);
  });
}
