import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onEnd, type Scope } from './scope.ts';

/** A new directory that others may enter (nginx's user), with these files in it; removed at the end of the scope. */
export function tempDir(scope: Scope, files: Readonly<Record<string, string>> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'tsu-test-'));
  chmodSync(dir, 0o755);
  onEnd(scope, () => {
    rmSync(dir, { recursive: true, force: true });
  });
  writeFiles(dir, files);
  return dir;
}

/** The same in memory, where the system keeps files there. */
export function memoryDir(scope: Scope): string {
  const dir = mkdtempSync('/dev/shm/tsu-test-');
  onEnd(scope, () => {
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

/** Writes `{name: text}` below a directory and makes the folders that the names need. */
function writeFiles(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
