import { resolve } from 'node:path/posix';
import type { FileMapping, FileSettings } from '../../plan/file-settings.ts';
import type { RequestVariables } from '../request-variables.ts';
import { bytePath } from './byte-path.ts';
import type { Candidate } from './file-search.ts';

/** Which files a request may mean, without a look at the disk. */
export class StaticPaths {
  readonly #checked: readonly string[];
  readonly #mappings: readonly FileMapping[];
  readonly #checksDocumentRoot: boolean;
  readonly #skipped: readonly string[];
  /** The longest first: the nearest one is meant. */
  readonly #mountpoints: readonly string[];

  constructor({ checked, mappings, checksDocumentRoot, skipped, mountpoints }: FileSettings) {
    this.#checked = checked.map(bytePath);
    this.#mappings = mappings.map(({ prefix, target, keepsPrefix }) => ({
      // `/s/` is as `/s`: the border of a segment is one with either.
      prefix: bytePath(prefix.replace(/\/+$/, '')),
      target: bytePath(target),
      keepsPrefix,
    }));
    this.#checksDocumentRoot = checksDocumentRoot;
    this.#skipped = skipped.map(bytePath);
    this.#mountpoints = mountpoints.map(bytePath).sort((one, other) => other.length - one.length);
  }

  /** In uWSGI's order. Empty for a request that is the application's in any case. */
  candidates(variables: RequestVariables): readonly Candidate[] {
    // As in uWSGI, rules that change the path mean the application's.
    const method = variables.sent('REQUEST_METHOD');
    const path = this.#withoutMountpoint(variables.sent('PATH_INFO'));
    if ((method !== 'GET' && method !== 'HEAD') || !isPlain(path)) return [];
    if (this.#skipped.some((ending) => path.endsWith(ending))) return [];
    return [
      ...this.#checked.map((root) => below(root, path)),
      ...this.#mappings.filter(({ prefix }) => matches(path, prefix)).map((mapping) => mapped(mapping, path)),
      ...this.#documentRoot(variables).map((root) => below(root, path)),
    ];
  }

  #withoutMountpoint(path: string): string {
    const mountpoint = this.#mountpoints.find((prefix) => matches(path, prefix)) ?? '';
    return path.slice(mountpoint.length);
  }

  #documentRoot(variables: RequestVariables): readonly string[] {
    const root = this.#checksDocumentRoot ? variables.get('DOCUMENT_ROOT') : '';
    return root.startsWith('/') && !root.includes('\0') ? [resolve(root)] : [];
  }
}

/**
 * A path that says where it leads. One with `..` in it (as `%2e%2e`: the reader has resolved the others) could only tell its sender how
 * folders outside are called, and a NUL ends the path for the system that we asked.
 */
function isPlain(path: string): boolean {
  return (path === '' || path.startsWith('/')) && !path.includes('\0') && !/(^|\/)\.\.(\/|$)/.test(path);
}

/** uWSGI compares characters, so that `/static` is also the beginning of `/statics/secret.txt`. */
function matches(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

function mapped({ prefix, target, keepsPrefix }: FileMapping, path: string): Candidate {
  return below(target, keepsPrefix ? path : path.slice(prefix.length));
}

function below(root: string, path: string): Candidate {
  return { root, path: root + path };
}
