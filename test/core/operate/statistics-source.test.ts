import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { StatisticsSourceError } from '../../../src/core/errors/operate.ts';
import { statisticsSource } from '../../../src/core/operate/statistics-source.ts';
import { onEnd } from '../../helpers/scope.ts';
import { tempDir } from '../../helpers/temp.ts';

describe('a word that says where statistics are', () => {
  for (const { word, means } of [
    { word: undefined, means: { kind: 'server', target: undefined } },
    { word: '4711', means: { kind: 'server', target: '4711' } },
    { word: '127.0.0.1:9191', means: { kind: 'address', text: '127.0.0.1:9191', place: { host: '127.0.0.1', port: 9191 } } },
    { word: ':9191', means: { kind: 'address', text: ':9191', place: { host: '127.0.0.1', port: 9191 } } },
    { word: '[::1]:9191', means: { kind: 'address', text: '[::1]:9191', place: { host: '::1', port: 9191 } } },
    { word: '@stats', means: { kind: 'address', text: '@stats', place: { path: '\0stats' } } },
    { word: 'unix:/none/stats', means: { kind: 'address', text: 'unix:/none/stats', place: { path: '/none/stats' } } },
    { word: 'http://app:9191', means: { kind: 'http', text: 'http://app:9191', place: { host: 'app', port: 9191 }, path: '/' } },
    { word: 'HTTP://[::1]/s?a=b', means: { kind: 'http', text: 'HTTP://[::1]/s?a=b', place: { host: '::1', port: 80 }, path: '/s?a=b' } },
  ]) {
    test(`${word ?? 'none'} means ${means.kind}`, () => assert.deepEqual(statisticsSource(word), means));
  }

  test('is an address where a socket is, and a pid file where a file is, whatever it is called', async (t) => {
    const dir = tempDir(t, { 'app:1.pid': '4711' });
    const socket = join(dir, 'stats.sock');
    const server = createServer().listen(socket);
    onEnd(t, () => void server.close());
    await once(server, 'listening');
    assert.deepEqual(statisticsSource(socket), { kind: 'address', text: socket, place: { path: socket } });
    const file = join(dir, 'app:1.pid');
    assert.deepEqual(statisticsSource(file), { kind: 'server', target: file });
  });

  for (const { word, says } of [
    { word: '/none/app.pid', says: '/none/app.pid: there is no such pid file and no such socket' },
    { word: 'host:port', says: 'host:port: not an address whose port is a number from 0 to 65535' },
    { word: 'fd://3', says: 'fd://3: the descriptor is one of the server: name the address that it stands for' },
    { word: 'https://app', says: 'https://app: statistics are read over http://, at a host and a port' },
    { word: 'http://', says: 'http://: statistics are read over http://, at a host and a port' },
  ]) {
    test(`may be none: ${word}`, () => {
      assert.throws(() => statisticsSource(word), { constructor: StatisticsSourceError, message: says });
    });
  }
});
