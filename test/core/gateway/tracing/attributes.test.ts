import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RequestVariables } from '../../../../src/core/gateway/request-variables.ts';
import { requestAttributes, spanName } from '../../../../src/core/gateway/tracing/attributes.ts';

function variablesOf(values: Readonly<Record<string, string>>): RequestVariables {
  const variables = new RequestVariables();
  for (const [name, value] of Object.entries(values)) variables.set(name, value);
  return variables;
}

/** What is there of them. */
function attributesOf(values: Readonly<Record<string, string>>) {
  const all = requestAttributes(variablesOf({ REQUEST_METHOD: 'GET', ...values }));
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

describe('the attributes of a span', () => {
  test('are those of the semantic conventions', () => {
    assert.deepEqual(
      attributesOf({
        REQUEST_METHOD: 'POST',
        REQUEST_URI: '/a%20b?c=d',
        SERVER_PROTOCOL: 'HTTP/1.1',
        HTTP_HOST: 'shop.example:8080',
        REMOTE_ADDR: '192.0.2.7',
        HTTP_USER_AGENT: 'curl/8',
      }),
      {
        'http.request.method': 'POST',
        'url.path': '/a%20b',
        'url.query': 'c=d',
        'url.scheme': 'http',
        'server.address': 'shop.example',
        'server.port': 8080,
        'client.address': '192.0.2.7',
        'network.protocol.version': '1.1',
        'user_agent.original': 'curl/8',
      },
    );
  });

  test('name a method that there is not _OTHER, and tell what it was', () => {
    const brew = { REQUEST_METHOD: 'BREW' };
    const { 'http.request.method': method, 'http.request.method_original': original } = attributesOf(brew);
    assert.deepEqual([method, original, spanName(variablesOf(brew))], ['_OTHER', 'BREW', 'HTTP']);
    assert.equal(spanName(variablesOf({ REQUEST_METHOD: 'PATCH' })), 'PATCH');
  });

  for (const { what, values, expected } of [
    { what: 'a target that names the host', values: { REQUEST_URI: 'http://h.example:1/p?q' }, expected: ['/p', 'q'] },
    {
      what: 'a web server that sends no REQUEST_URI',
      values: { SCRIPT_NAME: '/app', PATH_INFO: '/p', QUERY_STRING: 'q' },
      expected: ['/app/p', 'q'],
    },
    { what: 'OPTIONS *', values: { REQUEST_URI: '*' }, expected: ['*', undefined] },
    {
      what: 'a signed address, without its signature',
      values: { REQUEST_URI: '/p?a=1&X-Amz-Signature=abc&sig=d&signal=e' },
      expected: ['/p', 'a=1&X-Amz-Signature=REDACTED&sig=REDACTED&signal=e'],
    },
  ]) {
    test(`tell path and query of ${what}`, () => {
      const found = attributesOf(values);
      assert.deepEqual([found['url.path'], found['url.query']], expected);
    });
  }

  for (const { values, scheme } of [
    { values: { HTTPS: 'on' }, scheme: 'https' },
    { values: { HTTPS: '1' }, scheme: 'https' },
    { values: { HTTPS: 'off' }, scheme: 'http' },
    { values: { UWSGI_SCHEME: 'https' }, scheme: 'https' },
    { values: { HTTP_X_FORWARDED_PROTO: 'https' }, scheme: 'https' },
    { values: { HTTP_X_FORWARDED_PROTO: 'gopher' }, scheme: 'http' },
    { values: { HTTP_X_FORWARDED_SSL: 'on' }, scheme: 'https' },
  ]) {
    test(`have the scheme that wsgi.url_scheme has: ${scheme} with ${JSON.stringify(values)}`, () => {
      assert.equal(attributesOf(values)['url.scheme'], scheme);
    });
  }

  for (const { values, address, port } of [
    { values: { HTTP_HOST: 'a.example' }, address: 'a.example', port: 80 },
    { values: { HTTP_HOST: 'a.example', HTTPS: 'on' }, address: 'a.example', port: 443 },
    { values: { HTTP_HOST: '[::1]:8080' }, address: '[::1]', port: 8080 },
    { values: { SERVER_NAME: 'box', SERVER_PORT: '9090' }, address: 'box', port: 9090 },
    { values: { HTTP_HOST: 'no:port:at all', SERVER_NAME: 'box', SERVER_PORT: '' }, address: 'box', port: undefined },
    { values: {}, address: undefined, port: undefined },
  ]) {
    test(`name the server as its client does: ${JSON.stringify(values)}`, () => {
      const found = attributesOf(values);
      assert.deepEqual([found['server.address'], found['server.port']], [address, port]);
    });
  }

  for (const [protocol, version] of [
    ['HTTP/1.0', '1.0'],
    ['HTTP/2.0', '2'],
    ['HTTP/2', '2'],
    ['SPDY', undefined],
  ] as const) {
    test(`tell the version of ${protocol}: ${version ?? 'none'}`, () => {
      assert.equal(attributesOf({ SERVER_PROTOCOL: protocol })['network.protocol.version'], version);
    });
  }

  test('are text, whatever bytes the client sent', () => {
    const sent = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
    assert.equal(attributesOf({ HTTP_USER_AGENT: sent('Füchse/1') })['user_agent.original'], 'Füchse/1');
    assert.equal(attributesOf({ HTTP_USER_AGENT: '\xff' })['user_agent.original'], '\ufffd');
  });
});
