import assert from 'node:assert/strict';
import test from 'node:test';
import { answerUnknown, answerValues } from '../../../../src/core/protocol/fastcgi/values.ts';
import { FCGI, fcgiPairs, fcgiRecord } from '../../../helpers/fastcgi.ts';

test('GET_VALUES is answered with those of the names that are known', () => {
  const content = fcgiPairs({ FCGI_MAX_REQS: '1024', FCGI_MPXS_CONNS: '1' });
  assert.deepEqual(
    answerValues(fcgiPairs({ FCGI_MPXS_CONNS: '', FCGI_COFFEE: '', FCGI_MAX_REQS: '' })),
    fcgiRecord(FCGI.getValuesResult, 0, content, -content.length & 7).fill(0, 8 + content.length),
  );
  assert.deepEqual(answerValues(Buffer.alloc(0)), fcgiRecord(FCGI.getValuesResult, 0));
});

test('a type that nobody knows is answered with that type', () => {
  assert.deepEqual(answerUnknown(77), fcgiRecord(FCGI.unknownType, 0, Buffer.from([77, 0, 0, 0, 0, 0, 0, 0])));
});
