import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';

/** As many as the kernel follows (path_resolution(7)). */
const MOST_LINKS = 40;

/**
 * The folders that one must be able to enter to reach this path, the root first; symbolic links are followed. The list ends early where
 * something on the way is missing, or closed to this process.
 */
export function foldersOnTheWay(path: string): readonly string[] {
  const folders = ['/'];
  let at = '/';
  let names = partsOf(path);
  for (let links = 0; names.length > 1 || isLink(resolve(at, names[0] ?? ''));) {
    const next = resolve(at, names[0] ?? '');
    const target = linkTarget(next);
    names = names.slice(1);
    if (target !== undefined) {
      if (++links > MOST_LINKS) break;
      at = isAbsolute(target) ? '/' : dirname(next);
      names = [...partsOf(target), ...names];
      continue;
    }
    folders.push(next);
    at = next;
  }
  return [...new Set(folders)];
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function isLink(path: string): boolean {
  return linkTarget(path) !== undefined;
}

/** Undefined for what is no link, and where we cannot look. */
function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined; // missing or closed: whoever goes there will see
  }
}
