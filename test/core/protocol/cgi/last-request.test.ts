import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastRequest } from '../../../../src/core/protocol/cgi/last-request.ts';
import { CgiVariables } from '../../../../src/core/protocol/cgi/variables.ts';
import { marshalKey, MarshalWriter } from '../../../../src/core/wire/marshal.ts';
import { readMarshal } from '../../../helpers/packets.ts';

const variables = new CgiVariables('scgi', marshalKey);
const newRequest = (): LastRequest => new LastRequest({ limit: 4096, maxVariables: 0, form: 'parsed', variables });

function named(name: string) {
  return variables.name(Buffer.from(name), 0, name.length);
}

function environOf(request: LastRequest): Record<string, string> {
  const writer = new MarshalWriter();
  writer.begin();
  request.writeEnviron(writer);
  return readMarshal(writer.end());
}

test('a request is its variables, and is answered as they ask', () => {
  const request = newRequest();
  const bytes = Buffer.from('HEAD/aHTTP/1.12');
  const head = request.take(bytes, [
    { name: named('REQUEST_METHOD'), from: 0, to: 4 },
    { name: named('REQUEST_URI'), from: 4, to: 6 },
    { name: named('SERVER_PROTOCOL'), from: 6, to: 14 },
    { name: named('CONTENT_LENGTH'), from: 14, to: 15 },
  ]);
  assert.deepEqual(head, { isPersistent: false, body: { kind: 'length', length: 2 }, expectsContinue: false });
  assert.deepEqual(environOf(request), { REQUEST_METHOD: 'HEAD', REQUEST_URI: '/a', SERVER_PROTOCOL: 'HTTP/1.1', CONTENT_LENGTH: '2' });
  assert.deepEqual(request.asked('nph', 'HTTP/1.0'), { form: 'nph', isHead: true, serverProtocol: 'HTTP/1.1' });
  assert.equal(request.describe(), 'HEAD /a');
});

test('without one there is something to answer with all the same', () => {
  const request = newRequest();
  assert.deepEqual(environOf(request), {});
  assert.deepEqual(request.asked('parsed', 'HTTP/1.1'), { form: 'parsed', isHead: false, serverProtocol: 'HTTP/1.1' });
  assert.equal(request.describe(), '');
});
