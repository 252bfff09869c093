import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptsGzip } from '../../../../src/core/protocol/http/accept-encoding.ts';

for (const field of ['gzip', 'deflate, gzip', 'GZIP;q=0.5', 'x-gzip', '*', 'br;q=1, *;q=0.1', 'gzip ; q=1.0', 'identity;q=0, gzip']) {
  test(`gzip is taken: ${field}`, () => assert.equal(acceptsGzip(field), true));
}

for (const field of ['', 'identity', 'br, deflate', 'gzip;q=0', 'gzip;q=0, *', '*;q=0', 'gzipped', 'gzip;q=nonsense']) {
  test(`gzip is not taken: ${field || '(no field)'}`, () => assert.equal(acceptsGzip(field), false));
}
