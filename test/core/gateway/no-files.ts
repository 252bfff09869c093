import type { FileSettings } from '../../../src/core/plan/file-settings.ts';

/** Settings of a gateway that serves no file. */
export const NO_FILES: FileSettings = {
  checked: [],
  mappings: [],
  checksDocumentRoot: false,
  mountpoints: [],
  skipped: [],
  indexes: [],
  safe: [],
  mimeFiles: [],
  expiries: [],
  gzip: { all: false, patterns: [], folders: [], endings: [] },
  handedOverBy: undefined,
};
