import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServerFileError } from '../../../src/core/errors/accounts.ts';
import { checkBodyDirectory } from '../../../src/core/master/body-directory.ts';
import { tempDir } from '../../helpers/temp.ts';

const MEMORY = 1024;

test('a directory for bodies has to be there, and to be one', (t) => {
  const dir = tempDir(t);
  const file = join(dir, 'file');
  writeFileSync(file, '');
  checkBodyDirectory({ bodyDirectory: dir, bodyMemory: MEMORY });
  for (const [bodyDirectory, reason] of [
    [join(dir, 'none'), /none: no such file or directory$/],
    [file, /file: not a directory$/],
  ] as const) {
    assert.throws(
      () => checkBodyDirectory({ bodyDirectory, bodyMemory: MEMORY }),
      (error) => error instanceof ServerFileError && reason.test(error.message) && error.suggestions.length === 1,
    );
  }
});

test('nobody looks for one that is not used', () => {
  checkBodyDirectory({ bodyDirectory: undefined, bodyMemory: MEMORY });
  checkBodyDirectory({ bodyDirectory: '/nowhere', bodyMemory: 0 });
});
