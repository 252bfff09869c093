import { type Origin, TsuwsgiError } from './error.ts';

/** An option that does not exist: `--proceses 4`, or `proceses = 4` in a config file that says `strict = true`. */
export class UnknownOptionError extends TsuwsgiError {
  readonly code = 'TSU_UNKNOWN_OPTION';

  /** `likely` is what may have been meant. */
  constructor(name: string, origin: Origin, likely: readonly string[]) {
    super(`there is no option "${name}"`, { origin, suggestions: likely.map((candidate) => `write "${candidate}"`) });
  }
}

/** An option of uWSGI that tsuwsgi does not have, and without which a door would stand open or nothing be served. */
export class UnsupportedOptionError extends TsuwsgiError {
  readonly code = 'TSU_UNSUPPORTED_OPTION';

  constructor(name: string, origin: Origin, instead: string) {
    super(`"${name}" is an option of uWSGI that tsuwsgi does not have, and too important to be ignored`, {
      origin,
      suggestions: [instead],
    });
  }
}

/** An abbreviation that fits several options: `--http-` for --http-socket and others. */
export class AmbiguousOptionError extends TsuwsgiError {
  readonly code = 'TSU_AMBIGUOUS_OPTION';

  constructor(word: string, candidates: readonly string[]) {
    super(`option "${word}" can mean ${listSome(candidates)}`, { suggestions: ['write the option out'] });
  }
}

/** As many as can be read at a glance. */
function listSome(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} others` : shown;
}

/** An option without the argument that it needs: `--processes` as the last word. */
export class MissingArgumentError extends TsuwsgiError {
  readonly code = 'TSU_MISSING_ARGUMENT';

  constructor(flag: string, metavar: string) {
    super(`option ${flag} needs an argument`, { suggestions: [`write "${flag} ${metavar}"`] });
  }
}

/** An argument for an option that takes none: `--master=1`. */
export class UnexpectedArgumentError extends TsuwsgiError {
  readonly code = 'TSU_UNEXPECTED_ARGUMENT';

  constructor(flag: string, argument: string) {
    super(`option ${flag} takes no argument, but "${argument}" is given`, { suggestions: [`write "${flag}"`] });
  }
}

/** A value that its option cannot take: `processes = many`. */
export class InvalidValueError extends TsuwsgiError {
  readonly code = 'TSU_INVALID_VALUE';

  constructor({ name, text, origin }: { name: string; text: string; origin: Origin }, expected: string) {
    super(`"${name}" takes ${expected}, ${text === '' ? 'and none is given' : `not "${text}"`}`, { origin });
  }
}

/** More than one thing is wrong with the options. All of them are listed, so that they can be corrected in one go. */
export class SeveralProblemsError extends TsuwsgiError {
  readonly code = 'TSU_SEVERAL_PROBLEMS';
  readonly problems: readonly TsuwsgiError[];

  constructor(problems: readonly TsuwsgiError[]) {
    super([`${problems.length} things are wrong with the options`, ...problems.map(listed)].join('\n'));
    this.problems = problems;
  }
}

function listed({ message, suggestions }: TsuwsgiError): string {
  const advice = suggestions.length === 0 ? '' : ` (${suggestions.join(', or ')})`;
  return `- ${message}${advice}`;
}
