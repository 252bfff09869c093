import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CgiVariables, type Variable } from '../../../../src/core/protocol/cgi/variables.ts';
import { marshalKey, MarshalWriter } from '../../../../src/core/wire/marshal.ts';
import { readMarshal } from '../../../helpers/packets.ts';

const variables = new CgiVariables('scgi', marshalKey);

function named(name: string) {
  return variables.name(Buffer.from(name), 0, name.length);
}

function given(...pairs: readonly (readonly [name: string, value: string])[]): { bytes: Buffer; found: readonly Variable[] } {
  let text = '';
  const found = pairs.map(([name, value]) => {
    text += value;
    return { name: named(name), from: text.length - value.length, to: text.length };
  });
  return { bytes: Buffer.from(text, 'latin1'), found };
}

function headOf(...pairs: readonly (readonly [name: string, value: string])[]) {
  const { bytes, found } = given(...pairs);
  return variables.head(bytes, found);
}

describe('variables', () => {
  test('tell what the server needs to know', () => {
    assert.deepEqual(
      headOf(['CONTENT_LENGTH', '12'], ['REQUEST_METHOD', 'HEAD'], ['REQUEST_URI', '/a"\n?b'], ['SERVER_PROTOCOL', 'HTTP/1.1']),
      { contentLength: 12, isHead: true, serverProtocol: 'HTTP/1.1', description: 'HEAD /a\\x22\\x0a?b' },
    );
  });

  test('without a CONTENT_LENGTH, or with an empty one, say nothing of the body', () => {
    assert.equal(headOf().contentLength, undefined);
    assert.equal(headOf(['CONTENT_LENGTH', '']).contentLength, undefined);
    assert.equal(headOf(['CONTENT_LENGTH', '0']).contentLength, 0);
  });

  test('may say the same length twice, but not two', () => {
    assert.equal(headOf(['CONTENT_LENGTH', '7'], ['CONTENT_LENGTH', '7'], ['CONTENT_LENGTH', '']).contentLength, 7);
    assert.throws(() => headOf(['CONTENT_LENGTH', '7'], ['CONTENT_LENGTH', '8']), {
      status: 400,
      message: /two different CONTENT_LENGTHs/,
    });
  });

  for (const text of ['+1', '-1', '1 ', '0x1', '1,1', '1.0', 'ten']) {
    test(`"${text}" is no length`, () => {
      assert.throws(() => headOf(['CONTENT_LENGTH', text]), { code: 'TSU_PROTOCOL', message: /a CONTENT_LENGTH that is no number/ });
    });
  }

  test('a length of more digits than any disk has bytes is refused', () => {
    assert.throws(() => headOf(['CONTENT_LENGTH', '9'.repeat(16)]), { status: 400, message: 'a CONTENT_LENGTH of 16 digits' });
  });

  test('a length over uwsgi that is no number is none, as in uWSGI', () => {
    const bytes = Buffer.from('ten');
    const variable = { name: named('CONTENT_LENGTH'), from: 0, to: bytes.length };
    assert.equal(new CgiVariables('uwsgi', marshalKey).head(bytes, [variable]).contentLength, 0);
  });

  test('become the environ, the later of two with the same name, without HTTP_PROXY', () => {
    const writer = new MarshalWriter();
    const { bytes, found } = given(
      ['PATH_INFO', '/caf\xe9'],
      ['HTTP_A', 'one'],
      ['HTTP_A', 'two'],
      ['EMPTY', ''],
      ['HTTP_PROXY', 'http://evil.example'],
    );
    writer.begin();
    variables.write(writer, bytes, found);
    assert.deepEqual(readMarshal(writer.end()), { PATH_INFO: '/caf\xe9', HTTP_A: 'two', EMPTY: '' });
  });

  test('of any number of names are written, whatever came before', () => {
    const writer = new MarshalWriter();
    for (let round = 0; round < 3; round++) {
      const pairs = Array.from({ length: 1000 }, (_, index) => [`HTTP_X_${round}_${index}`, String(index)] as const);
      const { bytes, found } = given(...pairs);
      writer.begin();
      variables.write(writer, bytes, found);
      assert.deepEqual(readMarshal(writer.end()), Object.fromEntries(pairs));
    }
  });

  for (const name of ['', 'A=B', 'A B', 'A\nB', 'CAF\xc9', 'A\0']) {
    test(`${JSON.stringify(name)} is no name`, () => {
      assert.throws(() => variables.name(Buffer.from(name, 'latin1'), 0, name.length), { code: 'TSU_PROTOCOL', status: 400 });
    });
  }
});
