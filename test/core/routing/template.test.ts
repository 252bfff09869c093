import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fill } from '../../../src/core/routing/fill.ts';
import { isConstant, parseTemplate } from '../../../src/core/routing/template.ts';

const VARIABLES: Readonly<Record<string, string>> = {
  PATH_INFO: '/caf\xc3\xa9',
  QUERY_STRING: 'a=1&ab=2&a=3&e=x%20y',
  HTTP_COOKIE: 'ab=no; a=yes;b=two',
};
const FILLING = {
  groups: ['whole', 'one'],
  variables: { get: (name: string) => VARIABLES[name] ?? '' },
  status: 404,
  now: Date.UTC(2030, 0, 2, 3, 4, 5, 678),
};

describe('a text of a rule', () => {
  for (const { text, filled } of [
    { text: 'nothing', filled: 'nothing' },
    { text: '$0|$1|$2|$10', filled: 'whole|one||one0' },
    { text: '$ $$ a$', filled: '$ $$ a$' },
    { text: '${PATH_INFO}?${NOWHERE}', filled: '/caf\xc3\xa9?' },
    { text: '${cookie[a]}${cookie[b]}${cookie[c]}', filled: 'yestwo' },
    { text: '${qs[a]} ${qs[e]} ${qs[b]}', filled: '1 x%20y ' },
    { text: '${time[unix]} ${time[micros]}', filled: '1893553445 1893553445678000' },
    { text: '${httptime[60]}|${httptime[]}', filled: 'Wed, 02 Jan 2030 03:05:05 GMT|Wed, 02 Jan 2030 03:04:05 GMT' },
    { text: '${base64[PATH_INFO]} ${hex[PATH_INFO]}', filled: 'L2NhZsOp 2F636166C3A9' },
    { text: '${upper[PATH_INFO]} ${lower[PATH_INFO]}', filled: '/CAF\xc3\xa9 /caf\xc3\xa9' },
    { text: '${uwsgi[status]}', filled: '404' },
  ]) {
    test(`is filled in: ${text}`, () => {
      assert.equal(fill(parseTemplate(text), FILLING), filled);
    });
  }

  test('has another uuid each time', () => {
    const template = parseTemplate('${uwsgi[uuid]}');
    assert.match(fill(template, FILLING), /^[0-9a-f-]{36}$/);
    assert.notEqual(fill(template, FILLING), fill(template, FILLING));
  });

  test('is constant where nothing is filled in', () => {
    assert.deepEqual(
      ['a$', '$1', 'a${B}', ''].map((text) => isConstant(parseTemplate(text))),
      [true, false, false, true],
    );
  });

  for (const { text, message, suggestions } of [
    { text: 'ab${PATH_INFO', message: '"${" without its "}"', suggestions: [] },
    { text: '${cooky[a]}', message: 'there is no ${cooky[…]}', suggestions: ['write ${cookie[…]}'] },
    {
      text: '${geoip[country]}',
      message: "${geoip[…]} is uWSGI's, and not here",
      suggestions: ['let the proxy in front look it up, and send it in a header'],
    },
    { text: '${time[now]}', message: 'there is no ${time[now]}', suggestions: ['write one of unix, micros'] },
    { text: '${toString[now]}', message: 'there is no ${toString[…]}', suggestions: [] },
  ]) {
    test(`is refused: ${text}`, () => {
      assert.throws(() => parseTemplate(text), { message, suggestions, column: text.startsWith('ab') ? 3 : 1 });
    });
  }
});
