import { type Origin, TsuwsgiError } from './error.ts';

/** A config file that does not exist or cannot be read. */
export class ConfigFileError extends TsuwsgiError {
  readonly code = 'TSU_CONFIG_FILE';

  constructor(path: string, cause: NodeJS.ErrnoException, origin: Origin) {
    const known = REASONS[cause.code ?? ''];
    super(`cannot read the config file ${path}: ${known?.reason ?? cause.message}`, {
      origin,
      suggestions: known === undefined ? [] : [known.advice],
      cause,
    });
  }
}

const REASONS: Readonly<Record<string, { reason: string; advice: string }>> = {
  ENOENT: {
    reason: 'there is no such file',
    advice: 'check the path; a relative one is seen from the folder where the server was started',
  },
  EISDIR: { reason: 'it is a folder', advice: 'name a file in it' },
  ENOTDIR: { reason: 'a part of the path is no folder', advice: 'check the path' },
  EACCES: { reason: 'permission denied', advice: 'make it readable for the user who starts the server' },
};

/** A word of the command line, or the value of `ini`, that is no config file which tsuwsgi can read. */
export class ConfigFormatError extends TsuwsgiError {
  readonly code = 'TSU_CONFIG_FORMAT';

  constructor(word: string, reason: string, details: { origin?: Origin; suggestions: readonly string[] }) {
    super(`cannot load configuration from "${word}": ${reason}`, details);
  }
}

/** A config file that includes itself, be it through others. */
export class ConfigCycleError extends TsuwsgiError {
  readonly code = 'TSU_CONFIG_CYCLE';

  constructor(chain: readonly string[], origin: Origin) {
    super(`this file includes itself: ${chain.join(' → ')}`, {
      origin,
      suggestions: ['remove one of these lines', 'move the shared options to a section of their own and include that: ini = :base'],
    });
  }
}

/** A part of uWSGI's config language that this version does not read; going on without it would change what the other lines mean. */
export class ConfigLanguageError extends TsuwsgiError {
  readonly code = 'TSU_CONFIG_LANGUAGE';

  constructor(key: string, origin: Origin) {
    super(`"${key}" is a part of uWSGI's config language that this version does not read`, {
      origin,
      suggestions: ['write the options out without it'],
    });
  }
}
