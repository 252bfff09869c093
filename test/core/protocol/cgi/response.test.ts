import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CgiResponse } from '../../../../src/core/protocol/cgi/response.ts';
import { page } from '../../../../src/core/protocol/http/page.ts';

const ASKED = { form: 'parsed', isHead: false, serverProtocol: 'HTTP/1.1' } as const;
const REST = '404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\n404 Not Found\n';

describe('CgiResponse', () => {
  for (const { what, asked, first } of [
    { what: 'Status', asked: ASKED, first: 'Status: ' },
    { what: "the client's version where it is not parsed", asked: { ...ASKED, form: 'nph' }, first: 'HTTP/1.1 ' },
    {
      what: 'the oldest version for one that nobody knows',
      asked: { ...ASKED, form: 'nph', serverProtocol: 'INCLUDED' },
      first: 'HTTP/1.0 ',
    },
  ] as const) {
    test(`begins with ${what}`, () => {
      assert.equal(new CgiResponse(asked).begin(page(404)).toString(), first + REST);
    });
  }

  test('is cut when it is shorter than its Content-Length', () => {
    const response = new CgiResponse(ASKED);
    response.begin({ ...page(200), contentLength: 9 });
    assert.equal(response.isCut, true);
    assert.equal(Buffer.concat(response.body(Buffer.from('abc'), 1, 3)).toString(), 'bc');
    assert.equal(response.isCut, false);
    assert.equal(response.end().length, 0);
  });

  test('may have no body where there is none to be', () => {
    for (const { isHead, status } of [
      { isHead: true, status: 200 },
      { isHead: false, status: 304 },
      { isHead: false, status: 204 },
    ]) {
      const response = new CgiResponse({ ...ASKED, isHead });
      response.begin({ ...page(200), status, contentLength: 100 });
      assert.equal(response.isCut, false);
    }
  });
});
