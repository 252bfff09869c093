/**
 * The vocabulary in which options are declared: each function here is one kind of value.
 * The declarations are in groups/; what they mean to the engine is written there, not here.
 */
import { type Address, parseAddress } from './address.ts';

/** How far tsuwsgi honours an option of uWSGI: `inert` is accepted and does nothing, with the reason in `note`. */
export type Support = 'full' | 'partial' | 'inert';

/** As on uWSGI's command line: a `required` argument may be the next word, an `optional` one must be attached. */
export type Arity = 'none' | 'required' | 'optional';

export interface Option<Value = unknown> {
  readonly help: string;
  readonly short?: string;
  readonly aliases?: readonly string[];
  readonly arity: Arity;
  readonly default: Value;
  /** What the argument is called in help and docs: SECONDS, PATH, ADDRESS. */
  readonly metavar?: string;
  readonly support?: Support;
  /** What someone who knows uWSGI should hear: a difference, or why the option is inert. */
  readonly note?: string;
  /** uWSGI has no such option, or gives the name another meaning. */
  readonly extension?: true;
  /** Its presence alone turns the master on, whatever its value, as in uWSGI. */
  readonly impliesMaster?: true;
  /** The value is a single word, so a comment behind it in a config file cannot be meant as part of it. */
  readonly oneWord?: true;
  /** Text to value. Throws a RangeError that names what was expected; the caller adds the option and its origin. */
  readonly parse: (text: string) => ElementOf<Value>;
  /** What to warn about a value that is accepted but probably not meant. */
  readonly caution?: (text: string) => string | undefined;
  /** A repeated option replaces its value (`last`) or adds to it (`append`). */
  readonly repeat: 'last' | 'append';
}

type ElementOf<Value> = Value extends readonly (infer Element)[] ? Element : Value;

type Described = 'short' | 'aliases' | 'metavar' | 'support' | 'note' | 'extension' | 'impliesMaster' | 'caution';

type Spec<Value> = Pick<Option<Value>, 'help'> & Partial<Pick<Option<Value>, Described>>;

interface Bounds {
  readonly default: number;
  readonly min?: number;
  readonly arity?: 'required' | 'optional';
}

/** The largest int of the C programs that people come from; also keeps arithmetic on it exact. */
const LARGEST_COUNT = 2 ** 31 - 1;

/** On or off. */
export const flag = (spec: Spec<boolean> & { default?: boolean; arity?: 'none' | 'optional' }): Option<boolean> => ({
  arity: 'none',
  default: false,
  caution: cautionSwitch,
  ...spec,
  repeat: 'last',
  oneWord: true,
  parse: parseSwitch,
});

/** A whole number of things. */
export const count = ({ min = 0, ...spec }: Spec<number> & Bounds): Option<number> => ({
  metavar: 'N',
  arity: 'required',
  ...spec,
  repeat: 'last',
  oneWord: true,
  parse: (text) => parseCount(text, min),
});

/** A whole number of seconds. */
export const seconds = (spec: Spec<number> & Bounds): Option<number> => count({ metavar: 'SECONDS', ...spec });

/** A whole number of megabytes. uWSGI reads no suffix and takes `1G` for 1; here it is refused. */
export const megabytes = (spec: Spec<number> & Bounds): Option<number> => ({
  ...count({ metavar: 'MEGABYTES', ...spec }),
  parse: parseMegabytes,
});

/** A whole number of bytes. */
export const bytes = (spec: Spec<number> & Bounds): Option<number> => count({ metavar: 'BYTES', ...spec });

/** Any text that is not empty. */
export const text = (spec: Spec<string | undefined>): Option<string | undefined> => ({
  metavar: 'TEXT',
  ...spec,
  arity: 'required',
  default: undefined,
  repeat: 'last',
  parse: (value) => parseText(value, 'a value'),
});

/** A file or a folder; relative ones are seen from where the server was started. */
export const path = (spec: Spec<string | undefined>): Option<string | undefined> => ({
  ...text({ metavar: 'PATH', ...spec }),
  parse: (value) => parseText(value, 'a path'),
});

/** Texts that add up, in order. */
export const list = (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  metavar: 'TEXT',
  ...spec,
  arity: 'required',
  default: [],
  repeat: 'append',
  parse: (value) => parseText(value, 'a value'),
});

/** Files or folders that add up, in order. */
export const paths = (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  ...list({ metavar: 'PATH', ...spec }),
  parse: (value) => parseText(value, 'a path'),
});

/** NAME=VALUE pairs that add up, in order; split where they are used. */
export const assignments = (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  ...list({ metavar: 'NAME=VALUE', ...spec }),
  parse: parseAssignment,
});

/** One address to listen on. */
export const address = (spec: Spec<Address | undefined>): Option<Address | undefined> => ({
  metavar: 'ADDRESS',
  caution: cautionAddress,
  ...spec,
  arity: 'required',
  default: undefined,
  repeat: 'last',
  parse: parseAddress,
});

/** Addresses to listen on, all of them. */
export const addresses = (spec: Spec<readonly Address[]>): Option<readonly Address[]> => ({
  metavar: 'ADDRESS',
  caution: cautionAddress,
  ...spec,
  arity: 'required',
  default: [],
  repeat: 'append',
  parse: parseAddress,
});

/** Permission bits in octal. With `bare`, the option may stand without a value and then means that mode. */
export const mode = ({ bare, ...spec }: Spec<number | undefined> & { bare?: number }): Option<number | undefined> => ({
  metavar: 'MODE',
  ...spec,
  arity: bare === undefined ? 'required' : 'optional',
  default: undefined,
  repeat: 'last',
  oneWord: true,
  parse: (value) => parseMode(value, bare),
});

/** uWSGI's rule: four words are false, everything else is true, the empty value of a bare key included. */
function parseSwitch(value: string): boolean {
  return !/^(0|false|no|off)$/i.test(value);
}

function cautionSwitch(value: string): string | undefined {
  if (/^(|0|1|false|true|no|yes|off|on)$/i.test(value)) return undefined;
  return `"${value}" counts as true, as in uWSGI; write "true" or "false"`;
}

function parseCount(value: string, min: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  if (number >= min && number <= LARGEST_COUNT) return number;
  throw new RangeError(min === 0 ? 'a whole number' : `a whole number from ${min}`);
}

function parseMegabytes(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new RangeError('a whole number of megabytes without a suffix');
  return Number(value);
}

function parseText(value: string, expected: string): string {
  if (value === '') throw new RangeError(expected);
  return value;
}

function parseAssignment(value: string): string {
  if (value.indexOf('=') < 1) throw new RangeError('NAME=VALUE');
  return value;
}

/** uWSGI wants exactly three digits; the leading zero that people bring from chmod(1) cannot be mistaken. */
function parseMode(value: string, bare: number | undefined): number {
  // uWSGI's own `chmod-socket = 1` is the option without a value.
  if (bare !== undefined && (value === '' || value === '1')) return bare;
  if (!/^0?[0-7]{3}$/.test(value)) throw new RangeError('three octal digits such as 660');
  return Number.parseInt(value, 8);
}

function cautionAddress(value: string): string | undefined {
  if (!/^\d+$/.test(value)) return undefined;
  return `"${value}" is a Unix socket of that name, as in uWSGI; write ":${value}" for the port`;
}
