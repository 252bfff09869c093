import { resolve } from 'node:path';
import type { Lifetime } from '../options/files.ts';
import type { Options } from '../options/registry.ts';
import { planMounted } from './mounted.ts';
import type { Expiry, FileMapping, FileSettings } from './file-settings.ts';

/** Who sends files in place of the gateway: the field that names them to the server in front. */
const HANDED_OVER = {
  send: undefined,
  nginx: 'X-Accel-Redirect',
  'x-accel-redirect': 'X-Accel-Redirect',
  xaccelredirect: 'X-Accel-Redirect',
  'x-sendfile': 'X-Sendfile',
  xsendfile: 'X-Sendfile',
} as const satisfies Record<Options['fileServeMode'], string | undefined>;

/** Whether any request may be for a file, so that each has to be looked at. */
export function wantsFiles({ staticMap, staticMap2, checkStatic, checkStaticDocroot }: Options): boolean {
  return staticMap.length > 0 || staticMap2.length > 0 || checkStatic.length > 0 || checkStaticDocroot;
}

/** @param directory from where relative paths are seen */
export function planFiles(options: Options, directory: string): FileSettings {
  const absolute = (path: string) => resolve(directory, path);
  const mappings = (keepsPrefix: boolean, given: Options['staticMap']): readonly FileMapping[] =>
    given.map(({ prefix, target }) => ({ prefix, target: absolute(target), keepsPrefix }));
  return {
    checked: options.checkStatic.map(absolute),
    mappings: [...mappings(false, options.staticMap), ...mappings(true, options.staticMap2)],
    checksDocumentRoot: options.checkStaticDocroot,
    mountpoints: options.manageScriptName ? planMounted(options).map(({ mountpoint }) => mountpoint) : [],
    skipped: options.staticSkipExt,
    indexes: options.staticIndex,
    safe: options.staticSafe.map(absolute),
    mimeFiles: options.mimefile.map(absolute),
    expiries: planExpiries(options),
    gzip: {
      all: options.staticGzipAll,
      patterns: options.staticGzip,
      folders: options.staticGzipDir.map(absolute),
      endings: options.staticGzipExt,
    },
    handedOverBy: HANDED_OVER[options.fileServeMode],
  };
}

function planExpiries(options: Options): readonly Expiry[] {
  const rules = (given: readonly Lifetime[], kind: Pick<Expiry, 'subject' | 'since'>): readonly Expiry[] =>
    given.map((lifetime) => ({ ...lifetime, ...kind }));
  return [
    ...rules(options.staticExpires, { subject: 'file', since: 'now' }),
    ...rules(options.staticExpiresMtime, { subject: 'file', since: 'modification' }),
    ...rules(options.staticExpiresPathInfo, { subject: 'path-info', since: 'now' }),
    ...rules(options.staticExpiresPathInfoMtime, { subject: 'path-info', since: 'modification' }),
    ...rules(options.staticExpiresUri, { subject: 'uri', since: 'now' }),
    ...rules(options.staticExpiresUriMtime, { subject: 'uri', since: 'modification' }),
    ...rules(options.staticExpiresType, { subject: 'type', since: 'now' }),
    ...rules(options.staticExpiresTypeMtime, { subject: 'type', since: 'modification' }),
  ];
}
