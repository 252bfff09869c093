/** The same calls of cache_* and metric_* under real uWSGI and under tsuwsgi: results and exceptions. Differences on purpose are in docs/uwsgi-differences.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';

const ORACLE = { skip: requires('uwsgi', 'uwsgi-plugin-python3') };

const LINE = [
  ...['--http-socket', '127.0.0.1:0', '-M', '--wsgi-file', 'caches.py', '--metric', 'my', '--cache-expire-freq', '1'],
  ...['--metric', 'name=level,type=gauge,initial_value=4,oid=100.1', '--cache2', 'name=default,items=30,blocksize=100,keysize=20'],
  ...['--cache2', 'name=second,items=40', '--cache2', 'name=spans,items=5,blocks=10,blocksize=100,bitmap=1'],
  ...['--cache2', 'name=hundred,items=40,math_initial=100'],
];

const asked = async (address: Address, path: string): Promise<unknown> => JSON.parse((await fetchOnce(address, path)).text);

for (const { what, path } of [
  { what: 'cache_* give what they give under uWSGI', path: '/calls' },
  { what: 'items expire as they do there, once its sweeper has come by', path: '/expiry' },
  { what: 'metric_* give what they give under uWSGI', path: '/metrics' },
  { what: "cachelib's UWSGICache finds what it finds there", path: '/cachelib' },
]) {
  test(what, ORACLE, async (t) => {
    const addresses = [(await startServer(t, LINE)).address('http-socket'), (await startUwsgi(t, LINE)).address];
    const [ours, theirs] = await Promise.all(addresses.map((address) => asked(address, path)));
    assert.deepEqual(ours, theirs);
    assert.ok(Object.keys(ours as object).length > 5);
  });
}
