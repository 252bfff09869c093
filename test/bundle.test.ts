import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Script } from 'node:vm';
import { loadBundle } from '../src/bundle.ts';
import { tempDir } from './helpers/temp.ts';

/** As scripts/bundle-server.js writes them. */
function sourceOf(body: string): { readonly text: string; readonly digest: string } {
  const text = `(function (exports, require, module, __dirname, importPackage) {${body}})\n`;
  const digest = createHash('sha1').update(text).digest('hex');
  return { text: `${text}//${digest}`, digest };
}

/** A bundle, and what V8 has compiled of `compiled`, which is something else where a cache has been left over. */
function bundle(t: TestContext, body: string, { compiled = body } = {}): string {
  const file = join(tempDir(t), 'some.cjs');
  const { text, digest } = sourceOf(compiled);
  writeFileSync(file, sourceOf(body).text);
  writeFileSync(
    `${file}.cache`,
    Buffer.concat([new Script(text, { filename: 'tsuwsgi/dist/bundle/some.cjs' }).createCachedData(), Buffer.from(digest)]),
  );
  return file;
}

/** What V8 made of the caches that were given to it. */
function rejections(t: TestContext): (boolean | undefined)[] {
  const seen: (boolean | undefined)[] = [];
  const { runInThisContext: run } = Script.prototype as { runInThisContext: (this: Script) => unknown };
  t.mock.method(Script.prototype, 'runInThisContext', function (this: Script): unknown {
    seen.push(this.cachedDataRejected);
    return run.call(this);
  });
  return seen;
}

test('a bundle exports what it likes, and knows where it lies', (t) => {
  const file = bundle(t, `exports.at = __dirname; exports.join = require('node:path').join;`);
  assert.deepEqual(loadBundle(file), { at: dirname(file), join });
});

test('it may import packages that are modules', async (t) => {
  const { load } = loadBundle(bundle(t, `exports.load = () => importPackage('ora');`)) as { load: () => Promise<typeof import('ora')> };
  assert.equal((await load()).oraPromise, (await import('ora')).oraPromise);
});

test('its stack traces name the package', (t) => {
  const { fail } = loadBundle(bundle(t, 'exports.fail = () => new Error().stack;')) as { fail: () => string };
  assert.match(fail(), /at .*tsuwsgi\/dist\/bundle\/some\.cjs:1:/);
});

test('V8 takes what was compiled of it', (t) => {
  const seen = rejections(t);
  loadBundle(bundle(t, 'exports.one = 1;'));
  assert.deepEqual(seen, [false]);
});

test('what was compiled of another one of the same length is not taken', (t) => {
  const seen = rejections(t);
  const file = bundle(t, 'exports.one = 1;', { compiled: 'exports.one = 2;' });
  assert.deepEqual(loadBundle(file), { one: 1 });
  assert.deepEqual(seen, [undefined]);
});

for (const [what, spoil] of [
  ['that is cut off', (cache: Buffer) => cache.subarray(0, 100)],
  ['of another V8', (cache: Buffer) => Buffer.concat([Buffer.alloc(16, 1), cache.subarray(16)])],
  ['that is empty', () => Buffer.alloc(0)],
] as const) {
  test(`a cache ${what} does no harm`, (t) => {
    const file = bundle(t, 'exports.one = 1;');
    const { text, digest } = sourceOf('exports.one = 1;');
    const cache = spoil(new Script(text, { filename: file }).createCachedData());
    writeFileSync(`${file}.cache`, Buffer.concat([cache, Buffer.from(digest)]));
    assert.deepEqual(loadBundle(file), { one: 1 });
  });
}
