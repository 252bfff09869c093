import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer } from '../../../src/core/routing/answer.ts';
import { noEffects, type Surroundings } from '../../../src/core/routing/case.ts';
import { Evaluator } from '../../../src/core/routing/evaluate.ts';
import { parseRule } from '../../../src/core/routing/parse-rule.ts';
import type { PathKind } from '../../../src/core/routing/conditions.ts';

type Found = PathKind & { readonly modifiedMs: number };

const NOTHING_SPECIAL = { isFile: false, isFolder: false, isLink: false, isExecutable: false, modifiedMs: 0 };
const DISK: Readonly<Record<string, Partial<Found>>> = {
  '/file': { isFile: true, modifiedMs: 10_500 },
  '/folder': { isFolder: true },
  '/link': { isLink: true, isFile: true },
  '/program': { isExecutable: true, isFile: true },
};

interface Outcome {
  readonly answer: Answer | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly effects: ReturnType<typeof noEffects>;
  readonly lines: readonly string[];
}

/** What these rules, each `option = value`, make of a request. */
function follow(rules: readonly string[], request: Readonly<Record<string, string>> = {}, status?: number): Outcome {
  const values = new Map(Object.entries({ PATH_INFO: '/x', QUERY_STRING: '', ...request }));
  const lines: string[] = [];
  const around: Surroundings = {
    look: (path) => (DISK[path] ? { ...NOTHING_SPECIAL, ...DISK[path] } : undefined),
    now: () => 1_000_000_000_000,
    isKnown: (users, { name, password }) => 'entry' in users && users.entry.name === name && users.entry.password === password,
    log: (line) => lines.push(line),
  };
  const parsed = rules.map((rule) => {
    const [, option = '', value = ''] = /^([a-z-]+) = (.*)$/s.exec(rule) ?? [];
    return parseRule(option, value);
  });
  const effects = noEffects();
  const variables = {
    get: (name: string) => values.get(name) ?? '',
    has: (name: string) => values.has(name),
    set: (name: string, value: string) => void values.set(name, value),
    delete: (name: string) => void values.delete(name),
  };
  const answer = new Evaluator(parsed, around).run({ variables, status, effects });
  return { answer, variables: Object.fromEntries(values), effects, lines };
}

describe('rules', () => {
  test('are followed in their order until one ends them', () => {
    const { answer, variables } = follow([
      'route-run = addvar:A=1',
      'route = ^/x addvar:A=${A}2',
      'route-run = last:',
      'route-run = addvar:A=3',
    ]);
    assert.deepEqual([answer, variables['A']], [undefined, '12']);
  });

  test('see what those before them changed', () => {
    const { variables } = follow(['route = ^/x setpathinfo:/y', 'route = ^/x addvar:OLD=1', 'route = ^/y addvar:NEW=1']);
    assert.deepEqual([variables['OLD'], variables['NEW']], [undefined, '1']);
  });

  test('jump forward to a label, over others', () => {
    const rules = [
      'route-label = b',
      'route-run = goto:b',
      'route-run = addvar:A=1',
      'route-label = a',
      'route-run = addvar:B=1',
      'route-label = b',
      'route-run = addvar:C=1',
    ];
    const { variables } = follow(rules);
    assert.deepEqual([variables['A'], variables['B'], variables['C']], [undefined, undefined, '1']);
  });

  test('match no variable that is not there', () => {
    assert.equal(follow(['route-remote-user = ^$ return:404']).answer, undefined);
    assert.notEqual(follow(['route-remote-user = ^$ return:404'], { REMOTE_USER: '' }).answer, undefined);
  });

  test('can look at a status', () => {
    assert.equal(follow(['response-route-status = 404 return:410'], {}, 200).answer, undefined);
    assert.equal(follow(['response-route-status = 404 return:410'], {}, 404).answer?.kind, 'page');
  });
});

describe('actions', () => {
  const page = (status: string, fields: readonly string[], body: string): Answer => ({ kind: 'page', status, fields, body });
  const auth = (text: string) => ({ HTTP_AUTHORIZATION: `Basic ${Buffer.from(text).toString('base64')}` });
  const asked = page('401 Authorization Required', ['WWW-Authenticate: Basic realm="R"'], 'Unauthorized');

  const answers: readonly { rule: string; request?: Record<string, string>; status?: number; answer: Answer | undefined }[] = [
    { rule: 'route = ^/(.) redirect:/y/$1', answer: page('302 Found', ['Location: /y/x'], 'Moved') },
    {
      rule: 'route-run = redirect-301:/y z\r\nA: b',
      answer: page('301 Moved Permanently', ['Location: /y%20z%0D%0AA:%20b'], 'Moved Permanently'),
    },
    { rule: 'route-run = return:404', answer: page('404 Not Found', ['Content-Type: text/plain', 'Content-Length: 9'], 'Not Found') },
    { rule: 'route-run = break:403 No', answer: page('403 No', ['Content-Type: text/plain'], '') },
    { rule: 'route-run = break:403', answer: page('403 Forbidden', ['Content-Type: text/plain'], '') },
    { rule: 'route-run = break:', answer: { kind: 'none' } },
    { rule: 'route-run = static:/file', answer: { kind: 'file', path: '/file' } },
    { rule: 'route-run = static:/folder', answer: { kind: 'missing-file', path: '/folder' } },
    { rule: 'route-run = static-next:/folder', answer: undefined },
    { rule: 'response-route-run = static:/nowhere', status: 200, answer: undefined },
    { rule: 'route-run = basicauth:R,foo:bar', answer: asked },
    { rule: 'route-run = basicauth:R,foo:bar', request: auth('foo:bar'), answer: undefined },
    { rule: 'route-run = basicauth:R,foo:bar', request: auth('foo:no'), answer: asked },
    { rule: 'route-run = basicauth-next:R,foo:bar', request: auth('foo:no'), answer: undefined },
    { rule: 'route-run = basicauth-next:R,foo:bar', answer: asked },
  ];
  for (const { rule, request, status, answer } of answers) {
    test(`${JSON.stringify(rule)} ${request ? JSON.stringify(request) : ''}`, () =>
      assert.deepEqual(follow([rule], request, status).answer, answer));
  }

  const changes: readonly { rule: string; request?: Record<string, string>; changed: Record<string, string> }[] = [
    {
      rule: 'route = ^/(.) rewrite:/new/$1%20?a=1',
      request: { QUERY_STRING: 'b' },
      changed: { PATH_INFO: '/new/x ', QUERY_STRING: 'a=1&b' },
    },
    { rule: 'route-run = rewrite:/n', request: { QUERY_STRING: 'b' }, changed: { PATH_INFO: '/n', QUERY_STRING: 'b' } },
    { rule: 'route-run = fixpathinfo:', request: { PATH_INFO: '/a/b', SCRIPT_NAME: '/a' }, changed: { PATH_INFO: '/b' } },
    { rule: 'route-run = fixpathinfo:', request: { PATH_INFO: '/b', SCRIPT_NAME: '/a' }, changed: { PATH_INFO: '/b' } },
    { rule: 'route-run = setscheme:https', changed: { UWSGI_SCHEME: 'https' } },
    { rule: 'route-run = basicauth:R,foo:bar', request: auth('foo:bar'), changed: { REMOTE_USER: 'foo' } },
    { rule: 'route-if = regexp:${PATH_INFO};^/(.) addvar:A=$1', changed: { A: 'x' } },
  ];
  for (const { rule, request, changed } of changes) {
    test(`${rule} changes ${JSON.stringify(changed)}`, () => {
      const { variables } = follow([rule], request);
      for (const [name, value] of Object.entries(changed)) assert.equal(variables[name], value);
    });
  }

  test('collect headers, each on one line', () => {
    const { effects } = follow(
      [
        'route-run = addheader:X-A: ${A}',
        'route-run = delheader:X-B',
        'route-run = expires:filename=/file,value=10',
        'route-run = expires:unixtime=${time[unix]},value=60',
        'route-run = expires:unixtime=never',
        'route-run = donotlog:',
      ],
      { A: 'one\r\nSet-Cookie: two' },
    );
    assert.deepEqual(effects, {
      added: [
        'X-A: one Set-Cookie: two',
        'Expires: Thu, 01 Jan 1970 00:00:20 GMT',
        'Expires: Sun, 09 Sep 2001 01:47:40 GMT',
        'Expires: Thu, 01 Jan 1970 00:00:00 GMT',
      ],
      removed: ['x-b'],
      isUnlogged: true,
    });
  });

  test('write to the log', () => {
    assert.deepEqual(follow(['route-run = log:seen ${PATH_INFO}']).lines, ['seen /x']);
  });
});

describe('conditions', () => {
  for (const { holds, fails } of [
    { holds: 'exists:/folder', fails: 'exists:/nowhere' },
    { holds: 'isfile:/file', fails: 'isfile:/folder' },
    { holds: 'isdir:/folder', fails: 'isdir:/file' },
    { holds: 'islink:/link', fails: 'islink:/file' },
    { holds: 'isexec:/program', fails: 'isexec:/file' },
    { holds: 'equal:${PATH_INFO};/x', fails: 'equal:a;b' },
    { holds: 'startswith:abc;ab', fails: 'startswith:abc;bc' },
    { holds: 'endswith:abc;bc', fails: 'endswith:abc;ab' },
    { holds: 'contains:abc;b', fails: 'contains:abc;d' },
    { holds: 're:abc;^a.c$', fails: 're:abc;^b' },
    { holds: 're:abc;${EXPRESSION}', fails: 're:abc;(${EXPRESSION}' },
    { holds: '>:10;9', fails: '>:9;10' },
    { holds: '<:9;10', fails: '<:10;9' },
    { holds: '>=:10;10', fails: '>=:9;10' },
    { holds: '<=:x;0', fails: '<=:1x;0' },
    { holds: 'ipv4in:10.1.2.3;10.0.0.0/8', fails: 'ipv4in:11.1.2.3;10.0.0.0/8' },
    { holds: 'ipv4in:10.1.2.3;10.1.2.3', fails: 'ipv4in:::1;::1' },
    { holds: 'ipv6in:fe80::1;fe80::/10', fails: 'ipv6in:10.0.0.1;10.0.0.0/8' },
    { holds: 'ipv4in:10.1.2.3;0.0.0.0/0', fails: 'ipv4in:10.1.2.3;10.0.0.0/33' },
    { holds: 'empty:${NOWHERE}', fails: 'empty:x' },
  ]) {
    test(`${holds} and not ${fails}`, () => {
      const outcome = (condition: string) =>
        follow([`route-if = ${condition} addvar:YES=1`, `route-if-not = ${condition} addvar:NO=1`], { EXPRESSION: 'b' }).variables;
      assert.deepEqual([outcome(holds)['YES'], outcome(holds)['NO']], ['1', undefined]);
      assert.deepEqual([outcome(fails)['YES'], outcome(fails)['NO']], [undefined, '1']);
    });
  }
});
