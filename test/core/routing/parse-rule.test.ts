import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { RuleFlaw } from '../../../src/core/errors/routing.ts';
import { chainOf, parseRule } from '../../../src/core/routing/parse-rule.ts';

describe('a rule', () => {
  test('has an expression and an action, with a blank between them', () => {
    assert.deepEqual(parseRule('route', '(?i)^/a  redirect:/b c'), {
      test: { kind: 'match', variable: 'PATH_INFO', pattern: { source: '^/a', flags: 'i' } },
      action: { kind: 'redirect', status: 302, location: ['/b c'] },
    });
  });

  test('has a condition', () => {
    assert.deepEqual(parseRule('response-route-if-not', 'equal:${A};b;c goto:there'), {
      test: { kind: 'condition', condition: { name: 'equal', left: [{ variable: 'A' }], right: ['b;c'] }, isWanted: false },
      action: { kind: 'goto', label: 'there' },
    });
  });

  test('has a status', () => {
    assert.deepEqual(parseRule('error-route-status', '404 return:410 Gone'), {
      test: { kind: 'status', status: 404 },
      action: { kind: 'return', status: 410 },
    });
  });

  test('is of bytes', () => {
    assert.deepEqual(parseRule('route-run', 'log:café'), { test: { kind: 'always' }, action: { kind: 'log', text: ['caf\xc3\xa9'] } });
  });

  test('is a label', () => {
    assert.deepEqual(parseRule('final-route-label', 'a b'), { label: 'a b' });
  });

  test('belongs to the chain of its option', () => {
    assert.deepEqual(['route', 'route-if', 'response-route-run', 'error-route-status', 'final-route', 'reroute', 'http'].map(chainOf), [
      'request',
      'request',
      'response',
      'error',
      'final',
      undefined,
      undefined,
    ]);
  });

  for (const { option = 'route-run', text, message, column } of [
    { option: 'route', text: '^/x', message: /two parts/ },
    { option: 'route', text: ' redirect:/x', message: /two parts/ },
    { option: 'route', text: '^/x nosuch:1', message: /there is no action "nosuch"/, column: 5 },
    { option: 'route', text: 'caf(é redirect:/x', message: /regular expression/, column: 1 },
    { option: 'route-if', text: 'empty redirect:/x', message: /"empty" is no condition/, column: 1 },
    { option: 'route-if', text: 'equals:a;b redirect:/x', message: /there is no condition "equals"/, column: 1 },
    { option: 'route-if', text: 'incache:a redirect:/x', message: /is uWSGI's/, column: 1 },
    { option: 'route-if', text: 'equal:a redirect:/x', message: /compares two texts/, column: 1 },
    { option: 'route-if', text: 're:a;b(c redirect:/x', message: /regular expression/, column: 6 },
    { option: 'response-route-status', text: '4.. redirect:/x', message: /"4.." is no status/, column: 1 },
    { option: 'response-route-run', text: 'rewrite:/x', message: /changes the request/ },
    { option: 'response-route-run', text: 'basicauth:R,a:b', message: /changes the request/ },
    { option: 'final-route-run', text: 'addheader:X-A: 1', message: /comes too late/ },
    { text: 'redirect', message: /"redirect" is no action/, column: 1 },
    { text: 'toString:1', message: /there is no action "toString"/, column: 1 },
    { text: 'addvar:A', message: /NAME=VALUE/, column: 8 },
    { text: 'addheader:X A', message: /"Name: value"/, column: 11 },
    { text: 'delheader:', message: /the name of a header/, column: 11 },
    { text: 'goto:', message: /the name of a label/, column: 6 },
    { text: 'return:abc', message: /no status/, column: 8 },
    { text: 'return:199', message: /no status/, column: 8 },
    { text: 'return:200 OK\r\n', message: /no status/, column: 8 },
    { text: 'break: 403', message: /no status/, column: 7 },
    { text: 'break:403 a\r\nSet-Cookie: b', message: /no status/, column: 7 },
    { text: 'expires:60', message: /does not take "60"/, column: 9 },
    { text: 'basicauth:R', message: /REALM,USER:PASSWORD/, column: 11 },
    { text: 'basicauth:"R",a:b', message: /REALM,USER:PASSWORD/, column: 11 },
    { text: 'log:${nope[x]}', message: /there is no \$\{nope/, column: 5 },
    { text: 'harakiri:5', message: /tsuwsgi does not have it/, column: 1 },
  ]) {
    test(`is refused: ${option} = ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseRule(option, text),
        (error) => error instanceof RuleFlaw && message.test(error.message) && error.column === column,
      );
    });
  }
});

describe("uWSGI's registry", () => {
  const { actions, conditions } = JSON.parse(readFileSync('test/fixtures/uwsgi-routing.json', 'utf8')) as Record<
    'actions' | 'conditions',
    readonly string[]
  >;

  test('has no action that we do not know: each is there, or refused with what to do instead', () => {
    for (const action of actions) {
      try {
        parseRule('route-run', `${action}:`);
      } catch (error) {
        assert.ok(error instanceof RuleFlaw, action);
        assert.doesNotMatch(error.message, /there is no action/);
        if (error.message.includes('tsuwsgi does not have it')) assert.equal(error.suggestions.length, 1, action);
      }
    }
  });

  test('has no condition that we do not know', () => {
    for (const condition of conditions) {
      try {
        parseRule('route-if', `${condition}:a;b last:`);
      } catch (error) {
        assert.ok(error instanceof RuleFlaw && error.message.includes('tsuwsgi does not have it'), condition);
      }
    }
  });
});
