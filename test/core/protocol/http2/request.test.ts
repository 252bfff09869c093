import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { headOf } from '../../../../src/core/protocol/http2/request.ts';

const GET = { ':method': 'GET', ':path': '/a?b', ':scheme': 'https', ':authority': 'a.test' };

describe('the fields of a request', () => {
  for (const { what, fields, head } of [
    { what: 'are a head of HTTP/1.1', fields: { ...GET, 'x-a': '1' }, head: 'GET /a?b HTTP/1.1\r\nhost: a.test\r\nx-a: 1\r\n\r\n' },
    { what: 'name the host once, as the authority', fields: { ...GET, host: 'A.test' }, head: 'GET /a?b HTTP/1.1\r\nhost: a.test\r\n\r\n' },
    {
      what: 'may name the host in the old way',
      fields: { ':method': 'GET', ':path': '/', host: 'b.test' },
      head: 'GET / HTTP/1.1\r\nhost: b.test\r\n\r\n',
    },
    { what: 'may name no host', fields: { ':method': 'GET', ':path': '/' }, head: 'GET / HTTP/1.1\r\n\r\n' },
    {
      what: 'may be for no path',
      fields: { ...GET, ':method': 'OPTIONS', ':path': '*' },
      head: 'OPTIONS * HTTP/1.1\r\nhost: a.test\r\n\r\n',
    },
    {
      what: 'may have several values',
      fields: { ...GET, 'x-a': ['1', '2'] },
      head: 'GET /a?b HTTP/1.1\r\nhost: a.test\r\nx-a: 1\r\nx-a: 2\r\n\r\n',
    },
  ]) {
    test(what, () => assert.equal(headOf(fields).toString('latin1'), head));
  }

  for (const { what, fields } of [
    { what: 'without a method', fields: { ':path': '/' } },
    { what: 'without a path, as CONNECT', fields: { ':method': 'CONNECT', ':authority': 'a.test' } },
    { what: 'with a whole URL for a path', fields: { ...GET, ':path': 'https://b.test/' } },
    { what: 'with another host than the authority', fields: { ...GET, host: 'b.test' } },
    { what: 'with a line end in the path', fields: { ...GET, ':path': '/ HTTP/1.1\r\nx: y' } },
    { what: 'with a line end in the host', fields: { ...GET, ':authority': 'a\r\nx: y' } },
    { what: 'with a line end in a value', fields: { ...GET, 'x-a': 'a\nb: c' } },
    { what: 'with a NUL in a value', fields: { ...GET, 'x-a': 'a\0' } },
    { what: 'with a name that is two', fields: { ...GET, 'a: b\r\nc': 'd' } },
    { what: 'with a name in large letters', fields: { ...GET, 'X-A': 'd' } },
  ]) {
    test(`${what} are refused`, () => {
      assert.throws(() => headOf(fields), { code: 'TSU_PROTOCOL', status: 400 });
    });
  }
});
