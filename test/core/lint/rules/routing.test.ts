import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsIn } from '../../../helpers/lint.ts';

const START = '[uwsgi]\nhttp = :9090\nmaster = true\nmodule = app\n';

test('a goto without a label below it is found, beside a rule that is wrong in itself', (t) => {
  const text = `${START}route-label = above\nroute = ^/a goto:above\nroute = ^/b goto:below\nroute = ^/c nosuch:\nroute-label = below\n`;
  const lost = findingsIn(t, { name: 'app.ini', text }).filter((finding) => finding.endsWith('lost-jump'));
  assert.deepEqual(lost, ['6 lost-jump']);
});

test('each kind of rules has labels of its own', (t) => {
  const text = `${START}route = ^/a goto:there\nresponse-route-label = there\nresponse-route = ^/a goto:there\n`;
  const lost = findingsIn(t, { name: 'app.ini', text }).filter((finding) => finding.endsWith('lost-jump'));
  assert.deepEqual(lost, ['5 lost-jump', '7 lost-jump']);
});
