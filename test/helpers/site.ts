import { mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Scope } from './scope.ts';
import { tempDir } from './temp.ts';

/** When the files of a site were changed last. */
export const MODIFIED = 'Tue, 14 Nov 2023 22:13:20 GMT';
/** What nobody outside may read. */
export const SECRET = 'SECRET of the site';
export const LETTERS = '012345678901234567890123456789\n';

const FILES = {
  'secret.txt': SECRET,
  'site-old/secret.txt': SECRET,
  'elsewhere/shared.txt': 'shared',
  'site/a.txt': LETTERS,
  'site/a.txt.gz': 'as if compressed',
  'site/empty.txt': '',
  'site/noext': 'no ending',
  'site/UPPER.CSS': 'BODY{}',
  'site/sub/style.css': 'body{}',
  'site/sub/index.html': '<h1>index</h1>',
  'site/sub/deep/page.html': 'page',
  'site/café/menü.txt': 'coffee',
  'site/out-twin.txt': 'no secret',
} as const;

/** A folder with a site, and things around it which are none of anybody's business; links lead there. */
export function makeSite(scope: Scope): { readonly dir: string; readonly site: string } {
  const dir = tempDir(scope, FILES);
  const site = join(dir, 'site');
  mkdirSync(join(site, 'out-index'));
  for (const [name, to] of Object.entries({
    'out-file.txt': '../secret.txt',
    'out-folder': '..',
    'out-twice.txt': 'out-file.txt',
    'out-root': '/',
    'out-alike.txt': '../site-old/secret.txt',
    'out-index/index.html': '../../secret.txt',
    'out-twin.txt.gz': '../secret.txt',
    'in.txt': 'a.txt',
    'shared.txt': '../elsewhere/shared.txt',
  })) {
    symlinkSync(to, join(site, name));
  }
  const when = new Date(MODIFIED);
  for (const name of Object.keys(FILES)) utimesSync(join(dir, name), when, when);
  return { dir, site };
}
