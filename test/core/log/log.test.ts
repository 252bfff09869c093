import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { type LogDates, logTo } from '../../../src/core/log/log.ts';
import { tempDir } from '../../helpers/temp.ts';

/** What a line of the start and one about an event look like. */
function logged(t: TestContext, dates: LogDates): readonly string[] {
  const path = join(tempDir(t), 'log');
  const fd = openSync(path, 'w');
  const log = logTo({ fd }, { dates: () => dates, onDropped: () => assert.fail('nothing is dropped') });
  log.line('started');
  log.event('happened');
  closeSync(fd);
  return readFileSync(path, 'utf8').split('\n');
}

describe('the date in front of lines', () => {
  for (const { what, form, onEveryLine, line, event } of [
    {
      what: "is uWSGI's own",
      form: undefined,
      onEveryLine: false,
      line: /^started$/,
      event: /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} - happened$/,
    },
    { what: 'has the form of log-date', form: '%Y-%m', onEveryLine: false, line: /^started$/, event: /^\d{4}-\d\d - happened$/ },
    {
      what: 'is on every line with log-master',
      form: '%Y-%m',
      onEveryLine: true,
      line: /^\d{4}-\d\d - started$/,
      event: /^\d{4}-\d\d - happened$/,
    },
  ]) {
    test(what, (t) => {
      const [first = '', second = ''] = logged(t, { form, onEveryLine });
      assert.match(first, line);
      assert.match(second, event);
    });
  }
});
