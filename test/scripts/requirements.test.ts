import assert from 'node:assert/strict';
import test from 'node:test';
import { nameSources } from '../../scripts/requirements.js';

test('packages are named with where they come from', () => {
  assert.equal(nameSources(['nginx-light', 'uwsgi']), 'the Debian package nginx-light, uwsgi');
  assert.equal(nameSources(['granian']), 'granian in .peers (pip install --target .peers)');
  assert.equal(nameSources(['granian', 'uwsgi']), 'the Debian package uwsgi and granian in .peers (pip install --target .peers)');
});
