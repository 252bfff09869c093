import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VariableNames } from '../../../../src/core/protocol/cgi/variable-names.ts';

function newNames() {
  const checked: string[] = [];
  const names = new VariableNames(
    (name) => Buffer.from(`<${name}>`),
    (name) => {
      if (name === 'BAD') throw new Error('no name');
      checked.push(name);
    },
  );
  const find = (text: string) => names.find(Buffer.from(`..${text}..`, 'latin1'), 2, 2 + text.length);
  return { find, checked };
}

describe('the names of variables', () => {
  test('are found by their bytes, and known from then on', () => {
    const { find, checked } = newNames();
    const first = find('HTTP_A');
    assert.deepEqual({ ...first, key: String(first.key) }, { ...first, text: 'HTTP_A', role: 'plain', key: '<HTTP_A>' });
    assert.equal(find('HTTP_A'), first);
    assert.equal(find('HTTP_B').text, 'HTTP_B');
    assert.equal(find('HTTP_').text, 'HTTP_');
    assert.deepEqual(checked, ['HTTP_A', 'HTTP_B', 'HTTP_']);
  });

  test('outlive the bytes that they were found in', () => {
    const names = new VariableNames(
      () => Buffer.alloc(0),
      () => undefined,
    );
    const bytes = Buffer.from('HTTP_A');
    const name = names.find(bytes, 0, bytes.length);
    bytes.fill('x');
    assert.equal(names.find(Buffer.from('HTTP_A'), 0, 6), name);
  });

  test('that are none are refused each time', () => {
    const { find } = newNames();
    for (const attempt of [1, 2]) assert.throws(() => find('BAD'), /no name/, `attempt ${attempt}`);
  });

  test('tell what they mean to the server', () => {
    const { find } = newNames();
    const roles = ['CONTENT_LENGTH', 'REQUEST_METHOD', 'REQUEST_URI', 'SERVER_PROTOCOL', 'HTTP_PROXY', 'constructor'].map(
      (name) => find(name).role,
    );
    assert.deepEqual(roles, ['content-length', 'method', 'uri', 'protocol', 'dropped', 'plain']);
  });

  test('are forgotten where there are too many, or too long ones', () => {
    for (const invented of [Array.from({ length: 1024 }, (_, index) => `X_${index}`), ['X'.repeat(65000), 'Y'.repeat(65000)]]) {
      const { find } = newNames();
      const before = find('HTTP_A');
      for (const name of invented) assert.equal(find(name).text, name);
      assert.notEqual(find('HTTP_A'), before);
    }
  });
});
