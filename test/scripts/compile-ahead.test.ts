/** What V8 has compiled of the bundles. Needs the build, which `npm test` does first. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FLAGS } from '../../src/core/master/gateway-process.ts';
import { ROOT } from '../helpers/paths.ts';
import { NODE } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

/** Loads a bundle as its process does, and prints whether V8 took the cache: true, false, or undefined where it was given none. */
const LOAD = `
  const vm = require('node:vm');
  const [load, file, cache] = process.argv.slice(1);
  const { Script } = vm;
  vm.Script = class extends Script {
    runInThisContext() {
      console.log(this.cachedDataRejected === undefined ? undefined : !this.cachedDataRejected);
      return super.runInThisContext();
    }
  };
  require(load).loadBundle(file, cache);
`;

/** An installation of its own with freshly compiled bundles, since other tests run the one that there is. */
function compiledAhead(t: TestContext): string {
  const root = tempDir(t);
  for (const part of ['dist', 'python', 'package.json']) cpSync(join(ROOT, part), join(root, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const bundle = join(root, 'dist/bundle');
  for (const name of caches(bundle)) rmSync(join(bundle, name));
  spawnSync(NODE, [join(ROOT, 'scripts/compile-ahead.js'), bundle], { stdio: 'inherit' });
  return bundle;
}

function caches(bundle: string): string[] {
  return readdirSync(bundle)
    .filter((name) => name.endsWith('.cache'))
    .sort();
}

test('each process finds what was compiled for it, and V8 takes that', (t) => {
  const bundle = compiledAhead(t);
  assert.deepEqual(caches(bundle), ['gateway-process.cache', 'gateway.cjs.cache', 'main.cjs.cache']);
  // Stack traces everywhere would name the machine on which it was built.
  for (const name of caches(bundle)) assert.ok(!readFileSync(join(bundle, name), 'latin1').includes(bundle));
  const wasTaken = (name: string, cache: string, flags: readonly string[] = []): string =>
    spawnSync(NODE, [...flags, '-e', LOAD, ...['load.cjs', name, cache].map((file) => join(bundle, file))], {
      encoding: 'utf8',
    }).stdout.trim();
  assert.equal(wasTaken('main.cjs', 'main.cjs.cache'), 'true');
  assert.equal(wasTaken('gateway.cjs', 'gateway.cjs.cache'), 'true');
  assert.equal(wasTaken('gateway.cjs', 'gateway-process.cache', FLAGS), 'true');
  // A V8 with other flags leaves it alone, without a word.
  assert.equal(wasTaken('main.cjs', 'main.cjs.cache', FLAGS), 'false');
});
