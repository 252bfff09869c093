import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { receiveDocument } from '../../../src/core/stats/received-document.ts';
import { documentOfUwsgi } from '../../helpers/documents.ts';

describe('a document that was received', () => {
  test('may be one of uWSGI, with control characters that are no JSON', () => {
    const { version, workers, state, latency } = documentOfUwsgi('two');
    assert.deepEqual([version, state, latency], ['2.0.21-debian', undefined, undefined]);
    const [first, second] = workers;
    assert.deepEqual([first?.status, first?.requests, first?.apps.map(({ mountpoint }) => mountpoint)], ['busy', 4, ['', '/shop']]);
    const running = first?.cores.find(({ vars }) => vars.includes('REQUEST_METHOD=GET'));
    assert.ok(running);
    assert.ok(running.vars.includes('REQUEST_URI=/slow/你\u001B[31m"q\\uote"?x=<script>'), running.vars.join('\n'));
    assert.deepEqual([running.in_request, running.req_info], [1, { request_start: 1795268345 }]);
    assert.deepEqual(second?.cores[0]?.req_info, {});
  });

  test('has all that is asked of it, however little came', () => {
    const document = receiveDocument('{"workers":[{"id":1}]}');
    const [worker] = document.workers;
    assert.deepEqual([document.version, document.listen_queue, document.sockets], ['', 0, []]);
    assert.deepEqual([worker?.id, worker?.status, worker?.avg_rt, worker?.cores], [1, '', 0, []]);
    assert.deepEqual(Object.keys(document).includes('state'), false);
  });

  test('has figures where figures are, and names where names are', () => {
    const document = receiveDocument(
      JSON.stringify({
        version: 7,
        listen_queue: '3',
        state: 5,
        started_at: null,
        latency: [],
        applications: {},
        reloads: { done: {}, last: 'never' },
        restarts: { died: 2, other: 'x' },
        workers: [{ id: 1, requests: null, cores: [{ id: 0, vars: [1, 'A=b'], req_info: 'now' }, 5] }, 'worker'],
      }),
    );
    const { version, listen_queue: queue, state, started_at: since, latency, applications, reloads, restarts, workers } = document;
    assert.deepEqual([version, queue, state, since, latency, applications], ['', 0, undefined, undefined, undefined, undefined]);
    assert.deepEqual([reloads, restarts?.died, restarts?.other], [{ done: 0, failed: 0 }, 2, 0]);
    assert.deepEqual([workers[0]?.requests, workers[0]?.cores[0]?.vars, workers[0]?.cores[1]?.id, workers[1]?.id], [0, ['', 'A=b'], 0, 0]);
  });

  test('keeps what is ours', () => {
    const latency = { seconds: 60, requests: 3, p50: 1, p90: 2, p99: 3 };
    const ours = { state: 'serving', started_at: 5, latency, log: { dropped: 4 } };
    const document = receiveDocument(
      JSON.stringify({ workers: [], ...ours, reloads: { done: 1, failed: 0, last: { at: 1, ok: true, seconds: 2, error: '' } } }),
    );
    assert.deepEqual({ ...document, ...ours }, document);
    assert.equal(document.reloads?.last?.ok, true);
  });
});

describe('what is no document', () => {
  for (const { text, says } of [
    { text: '', says: /^nothing$/ },
    { text: '<html>\n<title>It works', says: /^no JSON: "<html>\\n<title>It works"$/ },
    { text: `x${'y'.repeat(100)}`, says: /^no JSON: "xy{39}"$/ },
    { text: '{"hello":"world"}', says: /^JSON that is no statistics$/ },
    { text: '[]', says: /^JSON that is no statistics$/ },
    { text: 'null', says: /^JSON that is no statistics$/ },
    { text: '{"version":"2","emperor":["/etc/vassals"],"vassals":[]}', says: /^the statistics of an emperor; its vassals have their own$/ },
  ]) {
    test(`is told to be so: ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.throws(() => receiveDocument(text), { name: 'RangeError', message: says });
    });
  }
});
