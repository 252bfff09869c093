import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cautionLogFormat } from '../../../src/core/options/log-format.ts';

for (const format of ['%(uri) %(status)', 'json', '%(order_id) %(uri)', '%(var.HTTP_X)']) {
  test(`nothing is wrong with ${format}`, () => assert.equal(cautionLogFormat(format), undefined));
}

for (const [format, caution] of Object.entries({
  '%(stauts)': /did you mean %\(status\)\?$/,
  '%(URI)': /uwsgi\.set_logvar, or "-"; did you mean %\(uri\)\?$/,
  '%(uri) %(status': /begins no variable/,
  jsno: /all its lines will be the same$/,
})) {
  test(`${format} is probably not meant`, () => assert.match(cautionLogFormat(format) ?? '', caution));
}
