/**
 * Paths of files as they come in requests: the bytes, one character each (latin-1), since that is what the environ holds and a file's name
 * need not be UTF-8. Paths of the configuration are text.
 */

/** For Node's file system calls. */
export function bytesOf(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

/** @param text a path of the configuration */
export function bytePath(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Whether a path is this one or below it, by whole segments: `/srv/site-old` is not below `/srv/site`. */
export function isWithin(path: string, root: string): boolean {
  const folder = root.endsWith('/') ? root.slice(0, -1) : root;
  return path.startsWith(folder) && (path.length === folder.length || path[folder.length] === '/');
}
