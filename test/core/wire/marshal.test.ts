import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { marshalKey, MarshalWriter } from '../../../src/core/wire/marshal.ts';

/** Values of which each character is one byte, as PEP 3333 wants them. */
const ENVIRON: Readonly<Record<string, string>> = {
  REQUEST_METHOD: 'GET',
  EMPTY: '',
  LATIN: 'caf\u00e9 \u00ff\u0080',
  UTF_8_AS_LATIN: '\u00c3\u00a9',
  CONTROL: '\t\x7f',
  B255: 'x'.repeat(255),
  B256: 'y'.repeat(256),
  LATIN_255: '\u00e9'.repeat(255),
  LATIN_256: '\u00e9'.repeat(256),
  LONG: 'z'.repeat(70_000),
  ['HTTP_X_' + 'N'.repeat(300)]: 'a name of more than 255 bytes',
};

/** Each line of the input is a dict in base64, each line of the output the same dict in JSON. */
const LOAD = 'import sys,base64,marshal,json\nfor line in sys.stdin: print(json.dumps(marshal.loads(base64.b64decode(line))))';

describe('CPython reads', () => {
  test('every kind of value', () => {
    const writer = new MarshalWriter();
    writer.begin();
    for (const [name, value] of Object.entries(ENVIRON)) writer.text(marshalKey(name), value);
    assert.deepEqual(load(writer.end()), ENVIRON);
  });

  test('what begins with a part that was prepared', () => {
    const writer = new MarshalWriter(20);
    writer.begin();
    writer.text(marshalKey('SERVER_NAME'), 'host');
    const constants = writer.takePart();
    writer.begin(constants);
    writer.text(marshalKey('REMOTE_ADDR'), '127.0.0.1');
    const connection = writer.takePart();
    writer.begin(connection);
    writer.text(marshalKey('PATH_INFO'), '/');
    assert.equal(writer.pairs, 3);
    assert.deepEqual(load(writer.end().subarray(20)), { SERVER_NAME: 'host', REMOTE_ADDR: '127.0.0.1', PATH_INFO: '/' });
  });

  test('a dict that outgrew the memory of its writer', () => {
    const writer = new MarshalWriter(0, 16);
    writer.begin();
    writer.text(marshalKey('A'), 'a'.repeat(100));
    assert.deepEqual(load(writer.end()), { A: 'a'.repeat(100) });
  });

  test('an empty dict', () => {
    const writer = new MarshalWriter();
    writer.begin();
    assert.deepEqual(load(writer.end()), {});
  });
});

test('the packet size is that of the same vars in a uwsgi packet', () => {
  const writer = new MarshalWriter();
  writer.begin();
  writer.text(marshalKey('A'), '12');
  writer.text(marshalKey('N'.repeat(300)), '\u00e9');
  assert.equal(writer.packetSize, 4 + 1 + 2 + (4 + 300 + 1));
});

test('a key that is not ASCII is refused', () => {
  assert.throws(() => marshalKey('caf\u00e9'), RangeError);
});

function load(bytes: Buffer): unknown {
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', LOAD], {
    input: `${bytes.toString('base64')}\n`,
    encoding: 'utf8',
    timeout: 10_000,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}
