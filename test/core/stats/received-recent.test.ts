import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRecent, type Recent } from '../../../src/core/stats/recent.ts';
import { receiveRecent } from '../../../src/core/stats/received-recent.ts';

const REQUEST = { at: 1.5, worker: 1, core: 0, application: '/a', method: 'GET', uri: '/x' };

test('what a server tells comes as it is', () => {
  const recent: Recent = {
    errors: [{ ...REQUEST, error: 'ValueError', traceback: 'Traceback' }],
    slow: [{ ...REQUEST, ranMs: 1200, stack: 'File' }],
    events: [{ at: 2, text: 'reloaded' }],
    untold: 3,
  };
  assert.deepEqual(receiveRecent(formatRecent(recent)), recent);
});

test('figures are numbers and names are strings, whatever came', () => {
  const text = '{"errors":[{"error":7,"worker":"x","more":1}],"slow":[null],"events":[[]]}';
  const nothing = { at: 0, worker: 0, core: 0, application: '', method: '', uri: '' };
  assert.deepEqual(receiveRecent(text), {
    errors: [{ ...nothing, error: '', traceback: '' }],
    slow: [{ ...nothing, ranMs: 0, stack: '' }],
    events: [{ at: 0, text: '' }],
  });
});

test('anything else is nothing of the kind', () => {
  for (const text of ['', 'null', '[]', '<html>', '{"version":"1","workers":[]}', '{"errors":[],"slow":[],"events":{}}'])
    assert.equal(receiveRecent(text), undefined, text);
});
