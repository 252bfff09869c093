import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { page } from '../../../../src/core/protocol/http/page.ts';
import { RecordReader } from '../../../../src/core/protocol/fastcgi/records.ts';
import { FastcgiResponse } from '../../../../src/core/protocol/fastcgi/response.ts';

const ASKED = { form: 'parsed', isHead: false, serverProtocol: 'HTTP/1.1' } as const;

function records(...pieces: readonly Buffer[]): string[] {
  const found: string[] = [];
  new RecordReader().push(Buffer.concat(pieces), ({ type, id, content }) => found.push(`${type} ${id} ${content.toString('latin1')}`));
  return found;
}

const END = ['6 3 ', '3 3 \0\0\0\0\0\0\0\0'];

describe('FastcgiResponse', () => {
  test('that is all here leaves in one buffer, its end included', () => {
    const response = new FastcgiResponse(3, ASKED);
    assert.deepEqual(records(response.begin(page(404))), [
      '6 3 Status: 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\n404 Not Found\n',
      ...END,
    ]);
    assert.equal(response.endsByClose, false);
  });

  test('that comes in pieces ends when it is told to', () => {
    const response = new FastcgiResponse(3, ASKED);
    const begun = response.begin({ ...page(200), contentLength: -1, isEnd: false });
    assert.equal(records(begun).length, 1);
    assert.equal(response.endsByClose, true);
    assert.deepEqual(records(...response.body(Buffer.from('abcd'), 1, 3)), ['6 3 bc']);
    assert.deepEqual(response.body(Buffer.from('abcd'), 2, 2), []);
    assert.deepEqual(records(response.end()), END);
    assert.equal(response.isCut, false);
  });

  test('that is shorter than it said is not ended', () => {
    const response = new FastcgiResponse(3, ASKED);
    assert.equal(records(response.begin({ ...page(200), contentLength: 19 })).length, 1);
    assert.equal(response.isCut, true);
    assert.equal(response.endsByClose, true);
    response.body(Buffer.alloc(20), 0, 12);
    assert.equal(response.isCut, false);
  });
});
