import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { bytesOf, isWithin } from './byte-path.ts';

/** A regular file that is open. Whoever has it closes it. */
export interface FoundFile {
  readonly handle: FileHandle;
  /** Where it really is, whatever links led to it; its bytes as latin-1. */
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970, with their fraction. */
  readonly modifiedMs: number;
}

/** Where a file may be. */
export interface Bounds {
  /** The folder that is served, or the only file. */
  readonly root: string;
  /** Folders to which links may lead besides. */
  readonly safe: readonly string[];
  /** A link led elsewhere. @param path where */
  readonly refused: (path: string) => void;
}

export type Found = { readonly kind: 'file'; readonly file: FoundFile } | { readonly kind: 'folder'; readonly path: string } | undefined;

/** Of a pipe the other end is not waited for, and a terminal does not become ours. */
export const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Opens what is at a path, if it is a regular file, or tells that it is a folder. Only then it is asked where that really is, so that
 * nobody who exchanges links meanwhile gets another file than the one that was looked at.
 */
export async function find(path: string, bounds: Bounds): Promise<Found> {
  const handle = await openQuietly(path);
  if (!handle) return undefined;
  try {
    const found = await examine(handle, path, bounds);
    if (found?.kind !== 'file') await handle.close();
    return found;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function examine(handle: FileHandle, path: string, bounds: Bounds): Promise<Found> {
  const stats = await handle.stat();
  const real = await realPathOf(handle, path);
  if (!(await isAllowed(real, bounds))) {
    bounds.refused(real);
    return undefined;
  }
  if (stats.isDirectory()) return { kind: 'folder', path: real };
  if (!stats.isFile()) return undefined;
  return { kind: 'file', file: { handle, path: real, size: stats.size, modifiedMs: stats.mtimeMs } };
}

/** What cannot be opened is not there, for whatever reason: then the application has its say, as in uWSGI. */
async function openQuietly(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(bytesOf(path), OPEN_FLAGS);
  } catch {
    return undefined;
  }
}

async function realPathOf(handle: FileHandle, path: string): Promise<string> {
  try {
    return await readlink(`/proc/self/fd/${handle.fd}`, 'latin1');
  } catch {
    // Only Linux has it.
    return realPathByName(handle, path);
  }
}

/** The same by way of the path, which must still lead to what was opened. */
async function realPathByName(handle: FileHandle, path: string): Promise<string> {
  const real = await realpath(bytesOf(path), 'latin1');
  const [named, opened] = await Promise.all([stat(bytesOf(real)), handle.stat()]);
  if (named.dev !== opened.dev || named.ino !== opened.ino) throw new Error(`${path} was exchanged while it was opened`);
  return real;
}

async function isAllowed(real: string, { root, safe }: Bounds): Promise<boolean> {
  const folders = [root, ...safe];
  // A real path can only begin with the name of a folder where no link leads to that folder, which is the rule.
  if (folders.some((folder) => isWithin(real, folder))) return true;
  const resolved = await Promise.all(folders.map(resolveLinks));
  return resolved.some((folder) => folder !== undefined && isWithin(real, folder));
}

async function resolveLinks(folder: string): Promise<string | undefined> {
  try {
    return await realpath(bytesOf(folder), 'latin1');
  } catch {
    // A folder that is not there holds nothing.
    return undefined;
  }
}
