import { type Origin, TsuwsgiError } from './error.ts';

/** An option as somebody wrote it. */
interface WrittenOption {
  readonly name: string;
  readonly text: string;
  readonly origin: Origin;
}

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

/** A config file whose text is not of its format: `processes: [4` in a YAML file. */
export class ConfigSyntaxError extends TsuwsgiError {
  readonly code = 'TSU_CONFIG_SYNTAX';

  constructor(format: string, reason: string, details: { origin: Origin; suggestions: readonly string[] }) {
    super(`this is no ${format.toUpperCase()}: ${reason}`, details);
  }
}

/** A line of the config language that cannot be carried out: blocks in each other, `set` without `=`, a forbidden option. */
export class ConfigLanguageError extends TsuwsgiError {
  readonly code = 'TSU_CONFIG_LANGUAGE';

  static nestedBlock(name: string, opener: string, origin: Origin): ConfigLanguageError {
    return new ConfigLanguageError(`"${name}" stands inside the block of "${opener}"; blocks do not nest`, {
      origin,
      suggestions: [`write "end" above it to close the block of "${opener}"`],
    });
  }

  static selfDeclared(name: string, origin: Origin): ConfigLanguageError {
    return new ConfigLanguageError(`the declared option "${name}" stands for itself`, {
      origin,
      suggestions: ['take it out of its own declaration'],
    });
  }

  static unreadableLines(path: string, origin: Origin): ConfigLanguageError {
    return new ConfigLanguageError(`the lines of ${path} cannot be read`, { origin, suggestions: ['check the path'] });
  }

  static tooManyTurns(most: number, origin: Origin): ConfigLanguageError {
    return new ConfigLanguageError(`a loop has ${most} turns at most`, { origin, suggestions: ['write a smaller number'] });
  }

  static malformed({ name, text, origin }: WrittenOption, form: string): ConfigLanguageError {
    return new ConfigLanguageError(`"${name}" takes ${form}, not "${text}"`, { origin, suggestions: [`write "${name} = ${form}"`] });
  }

  static optionAsPlaceholder(key: string, origin: Origin): ConfigLanguageError {
    return new ConfigLanguageError(`"${key}" is an option and cannot be the name of a placeholder`, {
      origin,
      suggestions: ['choose another name', `write "set = ${key}=…" to set the option`],
    });
  }

  static forbidden(name: string, list: 'blacklist' | 'whitelist', origin: Origin): ConfigLanguageError {
    return new ConfigLanguageError(`"${name}" is not allowed here by the ${list}`, {
      origin,
      suggestions: ['leave it out', `change the ${list}`],
    });
  }

  static unresolved(name: string, origin: Origin): ConfigLanguageError {
    return new ConfigLanguageError(`the name ${name} cannot be resolved`, { origin, suggestions: ['check the name and the DNS'] });
  }
}

/** A placeholder that cannot be replaced: `@(file)` of a missing file, `$(PORT)` in an address while PORT is not set. */
export class PlaceholderError extends TsuwsgiError {
  readonly code = 'TSU_PLACEHOLDER';

  constructor({ name, origin }: WrittenOption, placeholder: string, reason: string) {
    super(`"${placeholder}" in "${name}" cannot be replaced: ${reason}`, { origin });
  }
}

/** A placeholder that stands for itself, be it through others: `a = y%(a)`. */
export class PlaceholderCycleError extends TsuwsgiError {
  readonly code = 'TSU_PLACEHOLDER_CYCLE';

  constructor({ name, text, origin }: WrittenOption) {
    super(`the placeholders in "${name} = ${text}" never come to an end`, {
      origin,
      suggestions: ['write the value out where a key stands for itself'],
    });
  }
}
