import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planAttribution, planRequestLog } from '../../../src/core/plan/request-log.ts';
import { PLAIN_LINE } from '../../helpers/request-log.ts';
import { optionsOf } from '../../helpers/plan.ts';

const plan = (...words: string[]) => planRequestLog(optionsOf(words));

test("without an option the line is uWSGI's own", () => {
  assert.deepEqual({ ...plan(), dateFormat: '' }, PLAIN_LINE);
});

test('a format is parts, json is a form', () => {
  assert.deepEqual(plan('--log-format', '%(uri)').parts, [{ kind: 'variable', value: 'uri', isQuoted: false }]);
  const { form, parts } = plan('--logformat=json', '--log-micros');
  assert.deepEqual({ form, parts }, { form: 'json', parts: [] });
});

for (const option of ['--log-micros', '--log-x-forwarded-for', '--memory-report', '--vhost', '--vhost-host']) {
  test(`${option} changes the line`, () => assert.notDeepEqual(plan(option).parts, PLAIN_LINE.parts));
}

test('ftime has the form of log-date only where that is asked for', () => {
  assert.equal(plan('--log-date=%Y', '--logformat-strftime').dateFormat, '%Y');
  for (const words of [['--log-date=%Y'], ['--log-date', '--logformat-strftime'], []]) assert.match(plan(...words).dateFormat, /^%d\/%b/);
});

test('each condition has its place', () => {
  const words = '--log-4xx --log-5xx --log-slow 5 --log-zero --log-big 1K --log-sendfile true --log-ioerror true'.split(' ');
  assert.deepEqual(plan(...words).selection, {
    ...{ clientErrors: true, serverErrors: true, slowMs: 5, empty: true },
    ...{ bigBytes: 1024, files: true, broken: true },
  });
});

for (const { words, expected } of [
  { words: [], expected: 'off' },
  { words: ['--log-format', 'json'], expected: 'off' },
  { words: ['--log-attribution'], expected: 'text' },
  { words: ['--log-attribution', '--log-format', '%(uri)'], expected: 'text' },
  { words: ['--log-attribution', '--log-format', 'json'], expected: 'json' },
]) {
  test(`what the application writes, with ${words.join(' ') || 'nothing'}: ${expected}`, () =>
    assert.equal(planAttribution(optionsOf(words)), expected));
}
