/** Which files the gateway serves itself, and how: plain data, as it travels to the gateway's process. */
export interface FileSettings {
  /** Folders in which the path of a request is looked for as it is, before anything else. */
  readonly checked: readonly string[];
  readonly mappings: readonly FileMapping[];
  /** The folder that the web server in front names in DOCUMENT_ROOT is one of them. */
  readonly checksDocumentRoot: boolean;
  /** What `manage-script-name` cuts from the beginning of PATH_INFO; it is not there for the files either. */
  readonly mountpoints: readonly string[];
  /** Paths that end so are the application's. */
  readonly skipped: readonly string[];
  /** What a folder shows, the first one that is there. */
  readonly indexes: readonly string[];
  /** Folders to which links may lead out of the one that is served. */
  readonly safe: readonly string[];
  /** Tables of types that replace the system's. */
  readonly mimeFiles: readonly string[];
  readonly expiries: readonly Expiry[];
  readonly gzip: GzipSettings;
  /** Who sends the file: the gateway, or the server in front, which gets its path in this header field. */
  readonly handedOverBy: string | undefined;
}

/** A folder, or a single file, at a path of the site. */
export interface FileMapping {
  /** The beginning of PATH_INFO, up to the end of a segment. */
  readonly prefix: string;
  readonly target: string;
  /** The whole of PATH_INFO is looked for below the target, and not only what follows the prefix. */
  readonly keepsPrefix: boolean;
}

/** What is matched, in the order in which uWSGI asks. */
export const EXPIRY_SUBJECTS = ['file', 'path-info', 'uri', 'type'] as const;

export type ExpirySubject = (typeof EXPIRY_SUBJECTS)[number];

/** When a file expires. */
export interface Expiry {
  readonly subject: ExpirySubject;
  /** A regular expression; of a type, the type itself. */
  readonly pattern: string;
  readonly seconds: number;
  readonly since: 'now' | 'modification';
}

/** For which files a compressed twin is looked for: `style.css.gz` beside `style.css`. */
export interface GzipSettings {
  readonly all: boolean;
  /** Regular expressions for their paths. */
  readonly patterns: readonly string[];
  readonly folders: readonly string[];
  readonly endings: readonly string[];
}

/** Whether any request may be for a file, so that each has to be looked at. */
export function servesFiles({ checked, mappings, checksDocumentRoot }: FileSettings): boolean {
  return checked.length > 0 || mappings.length > 0 || checksDocumentRoot;
}
