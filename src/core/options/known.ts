import type { Arity, Kind, Option, Support } from './define.ts';

/** What can be said about any option of uWSGI or ours without reading a value for it. */
export interface KnownOption {
  /** The canonical name. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly short: string | undefined;
  readonly arity: Arity;
  readonly kind: Kind;
  /** What the argument is called in help and docs. */
  readonly metavar: string;
  /** The heading that it is listed under. */
  readonly group: string;
  readonly support: Support;
  /** Our description; exotic options that are not supported have none. */
  readonly help: string | undefined;
  /** What differs from uWSGI, is missing, or why the option does nothing. */
  readonly note: string | undefined;
  /** The nearest thing that serves the need, where the option is not supported. */
  readonly instead: string | undefined;
  /** Without it the server would leave a door open, or stay out of reach: rather than to pass over it, the server does not start. */
  readonly isRefused: boolean;
  readonly isImmediate: boolean;
  readonly isRepeatable: boolean;
  readonly impliesMaster: boolean;
  /** Options without which it does nothing; one of them is enough, or `$NAME` in the environment. */
  readonly needs: readonly string[];
  /** The option beside which it does nothing. */
  readonly overruledBy: string | undefined;
  /** uWSGI has no such option, or gives the name another meaning. */
  readonly isExtension: boolean;
  /** The value that counts where none is given; nothing is said for options that are not supported. */
  readonly default: unknown;
}

/** A declaration of the registry, seen as one of all options. */
export function knownFrom(name: string, option: Option, group: string): KnownOption {
  return {
    name,
    aliases: option.aliases ?? [],
    short: option.short,
    arity: option.arity,
    kind: option.kind,
    metavar: option.metavar ?? 'VALUE',
    group,
    support: option.support ?? 'full',
    help: option.help,
    note: option.note,
    instead: undefined,
    isRefused: false,
    isImmediate: option.immediate === true,
    isRepeatable: option.repeat === 'append',
    impliesMaster: option.impliesMaster === true,
    needs: option.needs ?? [],
    overruledBy: option.overruled?.by,
    isExtension: option.extension === true,
    default: option.default,
  };
}
