/** Requests that were sent ahead to a worker whose request then takes long: another worker, or another thread, answers them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { within } from '../helpers/eventually.ts';
import { fetchOnce, HttpConnection } from '../helpers/http.ts';
import { onEnd } from '../helpers/scope.ts';
import { startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const CLIENTS = 16;
/** For each client: so many that requests are sent ahead. */
const REQUESTS = 250;
/** The long request goes on for longer than that. */
const PATIENCE_MS = 15_000;

for (const { what, flags, path } of [
  { what: 'another worker', flags: '-M -p 2', path: '/long' },
  { what: 'another worker, where the request keeps the processor busy', flags: '-M -p 2', path: '/long/turning' },
  { what: 'another worker, without a master', flags: '-p 2', path: '/long' },
  { what: 'another thread', flags: '-M --threads 2', path: '/long' },
  { what: 'another worker that came to another gateway', flags: '-M -p 4 --gateways 2', path: '/long' },
]) {
  test(`nobody waits for a request that takes long: ${what}`, async (t) => {
    const server = await startServer(t, `--http-socket 127.0.0.1:0 ${flags} -L --wsgi-file held-up.py`);
    const address = server.address('http-socket');
    await ask(t, address);
    const end = join(tempDir(t), 'end');
    const long = fetchOnce(address, `${path}?${end}`);
    await server.line(new RegExp(`^began ${path}$`));
    await within(PATIENCE_MS, 'all others are answered', ask(t, address));
    writeFileSync(end, '');
    assert.equal((await long).text, path);
  });
}

/** Many clients ask again and again, and each gets its own answer. */
async function ask(t: TestContext, address: Address): Promise<void> {
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      const connection = await HttpConnection.open(address);
      onEnd(t, () => connection.close());
      for (let nth = 0; nth < REQUESTS; nth++) {
        const path = `/${client}/${nth}`;
        assert.equal((await connection.request(path)).text, path);
      }
    }),
  );
}
