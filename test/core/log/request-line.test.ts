import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filledLine } from '../../../src/core/log/filled-line.ts';
import type { LoggedAnswer, LoggedRequest } from '../../../src/core/log/request-line.ts';
import { PLAIN_LINE } from '../../helpers/request-log.ts';

const REQUEST = {
  method: 'GET',
  uri: '/s/a.txt',
  protocol: 'HTTP/1.1',
  address: '127.0.0.1',
  user: '',
  pairs: 10,
  packetSize: 205,
  variable: () => '',
};
const ANSWER = {
  status: 200,
  head: '200 OK\r\nContent-Type: text/plain\r\nContent-Length: 31\r\nLast-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n',
  bodySize: 31,
  begun: new Date(2026, 10, 20, 12, 26, 16),
  spentMs: 0.9,
  via: 'sendfile',
} as const;

const requestLine = (request: LoggedRequest, answer: LoggedAnswer, count: number) => filledLine(PLAIN_LINE, { request, answer, count });

test('the line is that of uWSGI, figure by figure', () => {
  assert.equal(
    requestLine(REQUEST, ANSWER, 1),
    `[pid: ${process.pid}|app: -1|req: -1/1] 127.0.0.1 () {20 vars in 205 bytes} [Fri Nov 20 12:26:16 2026] GET /s/a.txt => ` +
      'generated 31 bytes in 0 msecs via sendfile() (HTTP/1.1 200) 3 headers in 111 bytes (0 switches on core 0)',
  );
});

test('an answer without a head field and without a file', () => {
  const line = requestLine(REQUEST, { ...ANSWER, status: 304, head: '304 Not Modified\r\n', bodySize: 0, via: '' }, 2);
  assert.match(line, / => generated 0 bytes in 0 msecs \(HTTP\/1\.1 304\) 0 headers in 29 bytes \(0 switches on core 0\)$/);
});

test('what a client says makes no second line, and is shown as the text that it is', () => {
  const line = requestLine({ ...REQUEST, user: 'a\n[pid: 1', uri: '/caf\xc3\xa9' }, ANSWER, 1);
  assert.match(line, /\(a\\n\[pid: 1\)/);
  assert.match(line, / GET \/café => /);
});
