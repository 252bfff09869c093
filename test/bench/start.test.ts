import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Program, timeToFirstAnswer } from '../../bench/start.ts';

/** Listens after so many milliseconds, and answers with this status. */
function program(status: number, afterMs: number): Program {
  const code = `
    const [host, port] = process.argv.at(-1).split(':');
    const server = require('node:http').createServer((_, answer) => answer.writeHead(${String(status)}).end());
    setTimeout(() => server.listen(Number(port), host), ${String(afterMs)});`;
  return { command: process.execPath, words: ['-e', code, '--'], stopSignal: 'SIGKILL' };
}

test('waits for the first answer of a server that comes up', async () => {
  assert.ok((await timeToFirstAnswer(program(200, 150), 0)) >= 150);
});

test('an answer that is none is told', async () => {
  await assert.rejects(timeToFirstAnswer(program(500, 0), 0), /answered HTTP\/1.1 500 /);
});

test('a server that ends is not waited for', async () => {
  await assert.rejects(timeToFirstAnswer({ ...program(200, 0), words: ['-e', 'process.exit(3)', '--'] }, 0), /does not answer/);
});
