import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filledLine, jsonLine } from '../../../src/core/log/filled-line.ts';
import { compileFormat, defaultLine, LOG_VARIABLES } from '../../../src/core/log/format.ts';
import { PLAIN_LINE } from '../../helpers/request-log.ts';

const VARIABLES: Readonly<Record<string, string>> = {
  HTTP_HOST: 'test.example',
  HTTP_USER_AGENT: 'a"b\\\x1b[31m',
  HTTP_X_FORWARDED_FOR: '192.0.2.9',
  CONTENT_LENGTH: '3',
};
const TOLD = {
  request: {
    method: 'GET',
    uri: '/caf\xc3\xa9\n',
    protocol: 'HTTP/1.1',
    address: '127.0.0.1',
    user: '',
    pairs: 10,
    packetSize: 205,
    variable: (name: string) => VARIABLES[name] ?? '',
  },
  answer: {
    status: 200,
    head: '200 OK\r\nContent-Type: text/plain\r\n',
    bodySize: 31,
    begun: new Date(2026, 10, 20, 12, 26, 16),
    spentMs: 1.5,
    via: 'sendfile',
  },
  count: 4,
} as const;

function fill(format: string): string {
  return filledLine({ ...PLAIN_LINE, parts: compileFormat(format), dateFormat: '%Y' }, TOLD);
}

for (const [format, line] of Object.entries({
  '%(status) %(rsize) %(hsize) %(size) %(cl) %(headers)': '200 31 45 76 3 1',
  '%(micros) %(msecs) %(secs) %(ftime)': '1500 1 0.001500 2026',
  '%(user) %(referer) %(host) %(wid) %(core) %(vars) %(pktsize)': '- - test.example 0 0 20 205',
  '%(var.HTTP_X_FORWARDED_FOR) %(var.NOWHERE) %(mine) %(metric.jobs)': '192.0.2.9 - - -',
  '%(uri)': '/café\\n',
  '%(uagent) "%(uagent)"': 'a"b\\\\u001b[31m "a\\"b\\\\\\u001b[31m"',
})) {
  test(`${format} is ${line}`, () => assert.equal(fill(format), line));
}

test('every variable has a value', () => {
  for (const name of LOG_VARIABLES) assert.match(fill(`%(${name})`), /^[^%]+$/, name);
});

test('the default line with all that can be changed in it', () => {
  const changed = filledLine({ ...PLAIN_LINE, parts: defaultLine({ micros: true, forwarded: true, memory: true, host: true }) }, TOLD);
  assert.match(
    changed,
    /^test\.example {address space usage: \d+ bytes\/\d+MB} {rss usage: \d+ bytes\/\d+MB} \[pid: .*\] 192\.0\.2\.9 \(\) .* in 1500 micros /,
  );
});

test('json is one line of ASCII that reads back as what was said', () => {
  const line = jsonLine(TOLD);
  assert.match(line, /^[ -~]+$/);
  const entry = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual([entry['uri'], entry['user_agent'], entry['user'], entry['via']], ['/café\n', 'a"b\\\x1b[31m', null, 'sendfile']);
  assert.equal(entry['time'], TOLD.answer.begun.toISOString());
});

test('bytes that are no UTF-8 are shown by their numbers', () => {
  const line = jsonLine({ ...TOLD, request: { ...TOLD.request, uri: '/\xff' } });
  assert.equal((JSON.parse(line) as Record<string, unknown>)['uri'], '/\\u00ff');
});
