import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import { asGithub, asText, type Report, reportOf } from '../../src/cli/diagnostic-report.ts';

const REPORT: Report = {
  file: 'app.ini',
  line: 3,
  severity: 'warning',
  rule: 'unknown-key',
  message: 'there is no option "vaccum"',
  option: 'vaccum',
  suggestion: 'write "vacuum"',
};

const plain = new Chalk({ level: 0 });

test('what is about no line of a file is about the file that was named', () => {
  const found = reportOf(
    { severity: 'error', rule: 'config-file', origin: { kind: 'argv', argument: '--ini' }, message: 'gone', suggestions: [] },
    'app.ini',
  );
  assert.deepEqual(found, {
    file: 'app.ini',
    line: null,
    severity: 'error',
    rule: 'config-file',
    message: 'gone',
    option: null,
    suggestion: null,
  });
  assert.equal(asText(found, plain), 'app.ini: error: gone (config-file)');
  assert.equal(asGithub(found), '::error file=app.ini,title=config-file::gone');
});

test('a finding that an environment variable brought names it', () => {
  const origin = { kind: 'environment', variable: 'UWSGI_HTTPP' } as const;
  const { message } = reportOf({ severity: 'warning', rule: 'unknown-key', origin, message: 'no', suggestions: [] }, 'app.ini');
  assert.equal(message, 'variable UWSGI_HTTPP: no');
});

test('several suggestions are one sentence', () => {
  const origin = { kind: 'file', path: 'base.ini', line: 7 } as const;
  const found = reportOf({ severity: 'warning', rule: 'r', origin, message: 'm', suggestions: ['do this', 'that'] }, 'app.ini');
  assert.equal(asText(found, plain), 'base.ini:7: warning: m; do this, or that (r)');
});

test('an error is red and a warning yellow', () => {
  const colours = new Chalk({ level: 1 });
  assert.ok(asText({ ...REPORT, severity: 'error' }, colours).startsWith('app.ini:3: \u001B[31merror\u001B[39m: '));
  assert.ok(asText(REPORT, colours).startsWith('app.ini:3: \u001B[33mwarning\u001B[39m: '));
});

test('text is one line and cannot talk to the terminal', () => {
  const text = asText({ ...REPORT, message: 'a\nb\u001B[31mc\u007F' }, plain);
  assert.equal(text, 'app.ini:3: warning: a\\nb\\u001b[31mc\\u007f; write "vacuum" (unknown-key)');
});

test('the signs of a workflow command are escaped, in properties more of them than in the text', () => {
  const text = asGithub({ ...REPORT, file: 'a,b:c%.ini', message: '50%, a:b\r\nc', suggestion: null });
  assert.equal(text, '::warning file=a%2Cb%3Ac%25.ini,line=3,title=unknown-key::50%25, a:b%0D%0Ac');
});
