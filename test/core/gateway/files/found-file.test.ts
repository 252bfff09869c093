import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { find, type Found } from '../../../../src/core/gateway/files/found-file.ts';
import type { Scope } from '../../../helpers/scope.ts';
import { tempDir } from '../../../helpers/temp.ts';

function place(t: Scope): { dir: string; site: string } {
  const dir = tempDir(t, { 'site/a.txt': 'hello', 'safe/b.txt': 'b', 'site-old/c.txt': 'c' });
  const site = join(dir, 'site');
  symlinkSync('a.txt', join(site, 'in.txt'));
  symlinkSync('../safe/b.txt', join(site, 'safe.txt'));
  symlinkSync('../site-old/c.txt', join(site, 'alike.txt'));
  symlinkSync('loop', join(site, 'loop'));
  symlinkSync(site, join(dir, 'link'));
  mkdirSync(join(site, 'folder'));
  execFileSync('mkfifo', [join(site, 'pipe')]);
  return { dir, site };
}

async function look(path: string, root: string, safe: readonly string[] = []): Promise<{ found: Found; refused: string[] }> {
  const refused: string[] = [];
  const found = await find(path, { root, safe, refused: (real) => refused.push(real) });
  if (found?.kind === 'file') await found.file.handle.close();
  return { found, refused };
}

describe('a file is found', () => {
  test('with where it really is, and its size', async (t) => {
    const { site } = place(t);
    const { found } = await look(join(site, 'in.txt'), site);
    assert.equal(found?.kind, 'file');
    assert.deepEqual([found.file.path, found.file.size], [join(site, 'a.txt'), 5]);
  });

  test('below a root that is itself a link', async (t) => {
    const { dir } = place(t);
    assert.equal((await look(join(dir, 'link/a.txt'), join(dir, 'link'))).found?.kind, 'file');
  });

  test('as its own root', async (t) => {
    const { site } = place(t);
    assert.equal((await look(join(site, 'a.txt'), join(site, 'a.txt'))).found?.kind, 'file');
  });

  test('in a folder that is safe, also by a link to that', async (t) => {
    const { dir, site } = place(t);
    symlinkSync(join(dir, 'safe'), join(dir, 'safe-link'));
    assert.equal((await look(join(site, 'safe.txt'), site, [join(dir, 'safe-link')])).found?.kind, 'file');
  });
});

describe('nothing is found', () => {
  for (const { what, name } of [
    { what: 'where nothing is', name: 'nothing' },
    { what: 'behind a file', name: 'a.txt/' },
    { what: 'in a circle of links', name: 'loop' },
    { what: 'in a pipe, for whose other end nobody waits', name: 'pipe' },
    { what: 'under a name that no file can have', name: 'x'.repeat(300) },
  ]) {
    test(what, async (t) => {
      const { site } = place(t);
      assert.deepEqual(await look(`${site}/${name}`, site), { found: undefined, refused: [] });
    });
  }

  test('outside, and it is told where that is', async (t) => {
    const { dir, site } = place(t);
    const { found, refused } = await look(join(site, 'alike.txt'), site, [join(dir, 'safe')]);
    assert.deepEqual([found, refused], [undefined, [join(dir, 'site-old/c.txt')]]);
  });
});

test('a folder is told as one', async (t) => {
  const { site } = place(t);
  assert.deepEqual((await look(join(site, 'folder'), site)).found, { kind: 'folder', path: join(site, 'folder') });
});

test('no descriptor is left of anything', async (t) => {
  const { dir, site } = place(t);
  writeFileSync(join(site, 'folder/d.txt'), '');
  for (const name of readdirSync(site)) await look(join(site, name), site);
  const open = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // that of the look itself
    }
  });
  assert.deepEqual(
    open.filter((path) => path.startsWith(dir)),
    [],
  );
});
