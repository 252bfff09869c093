import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { AnswerLog } from '../../../../src/core/gateway/answer-log.ts';
import { FileAnswers } from '../../../../src/core/gateway/files/file-answers.ts';
import { RequestVariables } from '../../../../src/core/gateway/request-variables.ts';
import { PLAIN_LINE } from '../../../helpers/request-log.ts';
import { tempDir } from '../../../helpers/temp.ts';
import { fakeExchange } from '../fake-exchange.ts';
import { NO_FILES } from '../no-files.ts';
import { NO_ROUTING } from '../no-routing.ts';

/** Answers a request with a file. */
async function answerWith(path: string) {
  const { exchange, written, lines, counters } = fakeExchange();
  const logged: string[] = [];
  const log = (line: string) => void logged.push(line);
  const answers = new AnswerLog(log, () => ({ logRequests: true, requestLog: PLAIN_LINE }), counters);
  const files = new FileAnswers(NO_FILES, NO_ROUTING.headers, { log, answers });
  const variables = new RequestVariables();
  variables.set('REQUEST_METHOD', 'GET');
  assert.equal(await files.answer(exchange, [{ path, root: '/' }], variables), true);
  return { written, lines, logged, figures: counters.tell(false) };
}

/** A file of which nothing can be read, though it can be opened. */
async function unreadable(t: TestContext): Promise<string> {
  const path = makeFile(t);
  const handle = await open(path);
  t.mock.method(Object.getPrototypeOf(handle) as typeof handle, 'read', () => Promise.reject(new Error('EIO: i/o error, read')));
  await handle.close();
  return path;
}

function makeFile(t: TestContext): string {
  const path = join(tempDir(t), 'a.txt');
  writeFileSync(path, 'hello');
  return path;
}

test('a file is one answer, with its line', async (t) => {
  const { written, logged, figures } = await answerWith(makeFile(t));
  assert.match(written.join(''), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhello$/);
  assert.deepEqual([figures?.answers, figures?.responses], [{ file: 1, rule: 0, other: 0 }, [0, 0, 1, 0, 0, 0]]);
  assert.match(logged.join('\n'), /^\[pid: \d+\|app: -1\|.* => generated 5 bytes .* 200\)/);
});

test('one that cannot be read is one answer, a 500 that says why, and no file', async (t) => {
  const path = await unreadable(t);
  const { written, lines, logged, figures } = await answerWith(path);
  assert.match(written.join(''), /^HTTP\/1\.1 500 /);
  assert.deepEqual([figures?.answers, figures?.responses], [{ file: 0, rule: 0, other: 1 }, [0, 0, 0, 0, 0, 1]]);
  assert.deepEqual([lines, logged], [[`500: ${path}: EIO: i/o error, read`], []]);
});
