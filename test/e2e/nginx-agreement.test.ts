/**
 * nginx and tsuwsgi before the same requests. What nginx refuses is refused here, too, and what both serve means the same to both: two
 * servers in a row that read one request in two ways are how requests are smuggled.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Address } from '../helpers/address.ts';
import { fuzzing } from '../helpers/fuzz.ts';
import { hostileRequest } from '../helpers/hostile.ts';
import { startNginx, uwsgiPass } from '../helpers/nginx.ts';
import { requestFixtures, sendDealt } from '../helpers/requests.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';

const NGINX = { skip: requires('nginx-light') };

/** Requests of the corpora that nginx refuses and we serve, with the reason. */
const SERVED_HERE: Readonly<Record<string, string>> = {
  'empty-host': 'RFC 9112 3.2 has clients send it where the target has no authority',
  'name-in-any-case': 'its method "get" is a token like any other: RFC 9110 9.1 knows no list of characters',
  'options-asterisk': 'RFC 9110 9.3.7; it is for the application to answer',
  'same-content-length-twice': 'RFC 9110 8.6 allows it; both mean the same',
};

/** What may make nginx alone refuse a hostile request: what is in SERVED_HERE, and that it does not take a tab for a blank before a value. */
const NGINX_ALONE = [
  /^host:[ \t]*\r$/im,
  /^[^ ]*[^A-Z_ -]/,
  /^content-length:(.*)\r\n(?:.*\r\n)*?content-length:\1\r$/im,
  /^(?:host|content-length|transfer-encoding):.*\t/im,
];

for (const folder of ['valid', 'invalid'] as const) {
  test(`no ${folder} request of the corpora is refused by nginx and served here, but for those that are named`, NGINX, async (t) => {
    const { nginx, ours } = await startBoth(t);
    for (const { name, bytes } of requestFixtures('http', folder)) {
      const there = await serve(nginx, bytes);
      const here = await serve(ours, bytes);
      if (name in SERVED_HERE) assert.ok(here, name);
      else if (there === undefined) assert.equal(here, undefined, `${name} is refused by nginx`);
      else if (folder === 'valid') assert.deepEqual(here, there, `${name} means the same`);
    }
  });
}

test('hostile requests are refused by both, or mean the same to both', NGINX, async (t) => {
  const { nginx, ours } = await startBoth(t);
  const { seed, numRuns } = fuzzing(300);
  t.diagnostic(`seed ${String(seed)}, ${String(numRuns)} runs`);
  let served = 0;
  const property = fc.asyncProperty(hostileRequest(), async (bytes) => {
    const here = await serve(ours, bytes);
    if (here === undefined) return;
    served++;
    const shown = JSON.stringify(bytes.toString('latin1'));
    const there = await serve(nginx, bytes);
    if (there !== undefined) assert.deepEqual(here, there, shown);
    else
      assert.ok(
        NGINX_ALONE.some((reason) => reason.test(bytes.toString('latin1'))),
        'refused by nginx',
      );
  });
  await fc.assert(property, { seed, numRuns });
  assert.ok(served > numRuns / 50, `${String(served)} were served`);
});

/** What the application saw of a request, as far as a proxy in between leaves it alone. */
interface Meaning {
  readonly method: string | undefined;
  readonly query: string | undefined;
  /** Their names: nginx before 1.23 hands over the last value of a repeated one. */
  readonly fields: readonly string[];
  readonly body: string;
}

/** One application, behind nginx and at our own door. */
async function startBoth(t: TestContext): Promise<{ nginx: Address; ours: Address }> {
  const server = await startServer(t, '--http-socket 127.0.0.1:0 --socket 127.0.0.1:0 --buffer-size 8192 --wsgi-file request.py -p 1');
  // A client that has said all may end its side: it still wants the answer.
  const nginx = await startNginx(t, { server: `uwsgi_ignore_client_abort on; ${uwsgiPass(server.address('uwsgi'))}` });
  return { nginx: nginx.address, ours: server.address('http-socket') };
}

/** What the first request of these bytes meant; undefined where it did not reach the application. */
async function serve(address: Address, bytes: Buffer): Promise<Meaning | undefined> {
  const stream = await sendDealt(address, bytes, 'whole');
  stream.finish();
  const answer = await stream.readToEnd().catch(() => Buffer.alloc(0));
  stream.close();
  return meaningOf(answer.toString('latin1').replace(/^HTTP\/1\.1 100 .*\r\n\r\n/, ''));
}

function meaningOf(answer: string): Meaning | undefined {
  if (!/^HTTP\/1\.[01] 200 /.test(answer)) return undefined;
  const rest = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  // Only the answer to a HEAD has no body: what follows it is the next answer.
  if (!rest.startsWith('{')) return { method: 'HEAD', query: '', fields: [], body: '' };
  const json = rest.replace(/(?<=\})HTTP\/1\..*$/s, '');
  const { environ, body } = JSON.parse(json) as { environ: Record<string, string>; body: string };
  const fields = Object.keys(environ).filter((key) => key.startsWith('HTTP_X_'));
  return { method: environ['REQUEST_METHOD'], query: environ['QUERY_STRING'], fields: fields.sort(), body };
}
