import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Destination } from '../../../src/core/gateway/destination.ts';
import { type Receiver, ReceiverChain } from '../../../src/core/gateway/receiver-chain.ts';
import { RequestVariables } from '../../../src/core/gateway/request-variables.ts';
import type { EnvironWriter } from '../../../src/core/protocol/environ.ts';
import { marshalKey, MarshalWriter } from '../../../src/core/wire/marshal.ts';

const NOWHERE: Destination = { isForWorkers: true, submit: () => undefined, abandon: () => undefined };
const ELSEWHERE: Destination = { isForWorkers: true, submit: () => undefined, abandon: () => undefined };

function asked(to: EnvironWriter): void {
  to.text(marshalKey('REQUEST_METHOD'), 'GET');
  const path = Buffer.from('?/caf\xe9?', 'latin1');
  to.pair(marshalKey('PATH_INFO'), path, 1, path.length - 1);
}

function written(pairs: readonly (readonly [string, string])[]): Buffer {
  const environ = new MarshalWriter();
  environ.begin();
  for (const [name, value] of pairs) environ.text(marshalKey(name), value);
  return Buffer.from(environ.end());
}

test('a request that no receiver takes goes where all go, with the environ that its client sent', () => {
  const environ = new MarshalWriter();
  const chain = new ReceiverChain([(_, next) => next()], NOWHERE);
  assert.equal(chain.receive(environ, asked), NOWHERE);
  assert.deepEqual(
    Buffer.from(environ.end()),
    written([
      ['REQUEST_METHOD', 'GET'],
      ['PATH_INFO', '/caf\xe9'],
    ]),
  );
});

test('a receiver changes what those behind it see, and what the application gets', () => {
  const environ = new MarshalWriter();
  const change: Receiver = (variables, next) => {
    variables.set('PATH_INFO', `/en${variables.get('PATH_INFO')}`);
    variables.delete('REQUEST_METHOD');
    return next();
  };
  const seen: string[] = [];
  const look: Receiver = (variables, next) => {
    seen.push(variables.get('PATH_INFO'), variables.get('REQUEST_METHOD'));
    return next();
  };
  new ReceiverChain([change, look], NOWHERE).receive(environ, asked);
  assert.deepEqual(seen, ['/en/caf\xe9', '']);
  assert.deepEqual(Buffer.from(environ.end()), written([['PATH_INFO', '/en/caf\xe9']]));
});

test('the first receiver that takes a request is the last one asked', () => {
  const never: Receiver = () => assert.fail('was asked');
  assert.equal(new ReceiverChain([() => ELSEWHERE, never], NOWHERE).receive(new MarshalWriter(), asked), ELSEWHERE);
});

test('a variable of a long name keeps it', () => {
  const name = `HTTP_X_${'LONG'.repeat(100)}`;
  const variables = new RequestVariables();
  variables.text(marshalKey(name), 'yes');
  assert.equal(variables.get(name), 'yes');
  assert.equal(variables.has('HTTP_X_'), false);
});

test('what the client sent can still be seen when it was changed', () => {
  const variables = new RequestVariables();
  asked(variables);
  variables.set('PATH_INFO', '/one');
  variables.set('PATH_INFO', '/two');
  variables.set('V_NEW', '1');
  variables.delete('REQUEST_METHOD');
  assert.deepEqual([variables.get('PATH_INFO'), variables.sent('PATH_INFO')], ['/two', '/caf\xe9']);
  assert.deepEqual([variables.has('REQUEST_METHOD'), variables.sent('REQUEST_METHOD')], [false, 'GET']);
  assert.deepEqual([variables.sent('V_NEW'), variables.sent('NOTHING')], ['', '']);
});
