/**
 * The vocabulary in which options are declared: each function here is one kind of value.
 * The declarations are in groups/; what they mean to the engine is written there, not here.
 */
import { type Address, parseAddress } from './address.ts';
import type { HostCertificate, TlsAddress } from './tls-address.ts';
import { parseExpression } from './expression.ts';
import { cautionMapping, type Lifetime, type Mapping, parseLifetime, parseMapping, parseTypeLifetime } from './files.ts';
import { parseRule } from '../routing/parse-rule.ts';
import { parseCollection, parseHeaderLine, parseHeaderName } from './header.ts';
import { splitPair } from './pair.ts';
import { parseReceiver, type Receiver } from './receiver.ts';
import { parsePush, type PushTarget } from './stats-push.ts';
import { type CacheOption, type FirstItemOption, type MetricOption, parseCache, parseMetric } from './shared-option.ts';
import { parseWarmup, type WarmupRequest } from './warmup.ts';
import { type Hook, parseCommand, parseHook, parseMasterHook, parseTouch, type SignalHook, type TouchHook } from './hook.ts';

/**
 * How far tsuwsgi honours an option of uWSGI: `partial` and `accepted`, which does nothing, have their reason in `note`.
 * None of `unsupported` is declared here; they are in catalog/.
 */
export type Support = 'full' | 'partial' | 'accepted' | 'unsupported';

/** As on uWSGI's command line: a `required` argument may be the next word, an `optional` one must be attached. */
export type Arity = 'none' | 'required' | 'optional';

/** What a value is. Several of the same with an `s`; a `directive` is read with the configuration, and any text will do for it. */
export type Kind =
  | 'flag'
  | 'count'
  | 'seconds'
  | 'megabytes'
  | 'bytes'
  | 'text'
  | 'list'
  | 'path'
  | 'paths'
  | 'assignments'
  | 'address'
  | 'addresses'
  | 'mode'
  | 'directive';

export interface Option<Value = unknown> {
  readonly kind: Kind;
  readonly help: string;
  readonly short?: string;
  readonly aliases?: readonly string[];
  readonly arity: Arity;
  readonly default: Value;
  /** What the argument is called in help and docs: SECONDS, PATH, ADDRESS. */
  readonly metavar?: string;
  readonly support?: Exclude<Support, 'unsupported'>;
  /** What someone who knows uWSGI should hear: a difference, what is missing, or why the option does nothing. */
  readonly note?: string;
  /** uWSGI has no such option, or gives the name another meaning. */
  readonly extension?: true;
  /** Its presence alone turns the master on, whatever its value, as in uWSGI. */
  readonly impliesMaster?: true;
  /** Options without which it does nothing; one of them is enough, or `$NAME` in the environment. */
  readonly needs?: readonly string[];
  /** The option beside which it does nothing, and what to do in its place. */
  readonly overruled?: { readonly by: string; readonly instead: string };
  /** It acts where it stands, before placeholders in values are replaced. */
  readonly immediate?: true;
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

type Described =
  'short' | 'aliases' | 'metavar' | 'support' | 'note' | 'extension' | 'impliesMaster' | 'needs' | 'overruled' | 'immediate' | 'caution';

type Spec<Value> = Pick<Option<Value>, 'help'> & Partial<Pick<Option<Value>, Described>>;

interface Bounds {
  readonly default: number;
  readonly min?: number;
  readonly arity?: 'required' | 'optional';
  /** What an optional argument is when it is left out. */
  readonly bare?: number;
}

/** The largest int of the C programs that people come from; also keeps arithmetic on it exact. */
const LARGEST_COUNT = 2 ** 31 - 1;

const MEGABYTE = 2 ** 20;

/** What a size may end in. uWSGI reads the digits and nothing behind them: `1G` is 1 there. */
const FACTORS: Readonly<Record<string, number>> = { K: 2 ** 10, M: MEGABYTE, G: 2 ** 30 };

/** On or off. */
export const flag = (spec: Spec<boolean> & { default?: boolean; arity?: Arity }): Option<boolean> => ({
  arity: 'none',
  default: false,
  caution: cautionSwitch,
  ...spec,
  kind: 'flag',
  repeat: 'last',
  oneWord: true,
  parse: parseSwitch,
});

/** A whole number of things. */
export const count = ({ min = 0, bare, ...spec }: Spec<number> & Bounds): Option<number> => ({
  metavar: 'N',
  arity: 'required',
  ...spec,
  kind: 'count',
  repeat: 'last',
  oneWord: true,
  parse: (text) => (text === '' && bare !== undefined ? bare : parseCount(text, min)),
});

/** A whole number of seconds. */
export const seconds = (spec: Spec<number> & Bounds): Option<number> => ({ ...count({ metavar: 'SECONDS', ...spec }), kind: 'seconds' });

/** A size in bytes: `65536`, `64K`. */
export const bytes = ({ min = 0, ...spec }: Spec<number> & Bounds): Option<number> => ({
  ...count({ metavar: 'BYTES', ...spec }),
  kind: 'bytes',
  parse: (text) => parseSize(text, { unit: 1, min, expected: `a size in bytes such as 65536 or 64K` }),
});

/** A size in megabytes: `512`, `512M`, `2G`. */
export const megabytes = ({ min = 0, ...spec }: Spec<number> & Bounds): Option<number> => ({
  ...count({ metavar: 'MEGABYTES', ...spec }),
  kind: 'megabytes',
  parse: (text) => parseSize(text, { unit: MEGABYTE, min, expected: `a size in whole megabytes such as 512, 512M or 2G` }),
});

/** Any text that is not empty. */
export const text = (spec: Spec<string | undefined>): Option<string | undefined> => ({
  metavar: 'TEXT',
  ...spec,
  kind: 'text',
  arity: 'required',
  default: undefined,
  repeat: 'last',
  parse: (value) => parseText(value, 'a value'),
});

/** A secret of this server that others bring along in a header. */
export const token = (spec: Spec<string | undefined>): Option<string | undefined> => ({
  ...text({ metavar: 'TOKEN', ...spec }),
  oneWord: true,
  parse: parseToken,
});

/** Any text, which may be left out: the option is then there and empty. */
export const optionalText = (spec: Spec<string | undefined>): Option<string | undefined> => ({
  ...text(spec),
  arity: 'optional',
  parse: (value) => value,
});

/** Applications below paths: "/shop=shop.py". */
export const mounts = (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  metavar: 'PATH=APPLICATION',
  ...spec,
  kind: 'text',
  arity: 'required',
  default: [],
  repeat: 'append',
  parse: parseMount,
});

/** One of these words. */
export const choice = <Word extends string>(words: readonly Word[], spec: Spec<Word> & { default: Word }): Option<Word> => ({
  metavar: 'NAME',
  ...spec,
  kind: 'text',
  arity: 'required',
  repeat: 'last',
  oneWord: true,
  // A word is no list, which the type cannot know of a parameter.
  parse: (value) => parseWord(value, words) as ElementOf<Word>,
});

/** A file or a folder; relative ones are seen from where the server was started. */
export const path = (spec: Spec<string | undefined>): Option<string | undefined> => ({
  ...text({ metavar: 'PATH', ...spec }),
  kind: 'path',
  parse: (value) => parseText(value, 'a path'),
});

/** Where Paste finds an application: `config:/srv/app.ini#main`. */
export const pasteUri = (spec: Spec<string | undefined>): Option<string | undefined> => ({ ...text(spec), parse: parsePasteUri });

/** Texts that add up, in order. */
export const list = (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  metavar: 'TEXT',
  ...spec,
  kind: 'list',
  arity: 'required',
  default: [],
  repeat: 'append',
  parse: (value) => parseText(value, 'a value'),
});

/** Files or folders that add up, in order. */
export const paths = (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  ...list({ metavar: 'PATH', ...spec }),
  kind: 'paths',
  parse: (value) => parseText(value, 'a path'),
});

/** NAME=VALUE pairs that add up, in order; split where they are used. */
export const assignments = (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  ...list({ metavar: 'NAME=VALUE', ...spec }),
  kind: 'assignments',
  parse: parseAssignment,
});

/** One address to listen on. */
export const address = (spec: Spec<Address | undefined>): Option<Address | undefined> => ({
  metavar: 'ADDRESS',
  caution: cautionAddress,
  ...spec,
  kind: 'address',
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
  kind: 'addresses',
  arity: 'required',
  default: [],
  repeat: 'append',
  parse: parseAddress,
});

/** Addresses on which TLS is spoken, with their certificates, read by `parse`. */
export const tlsAddresses = (parse: (text: string) => TlsAddress, spec: Spec<readonly TlsAddress[]>): Option<readonly TlsAddress[]> => ({
  ...spec,
  kind: 'addresses',
  arity: 'required',
  default: [],
  repeat: 'append',
  parse,
});

/** Certificates for the names of hosts, read by `parse`. */
export const hostCertificates = (
  parse: (text: string) => HostCertificate,
  spec: Spec<readonly HostCertificate[]>,
): Option<readonly HostCertificate[]> => steps(parse, spec);

/** Permission bits in octal. With `bare`, the option may stand without a value and then means that mode. */
export const mode = ({ bare, ...spec }: Spec<number | undefined> & { bare?: number }): Option<number | undefined> => ({
  metavar: 'MODE',
  ...spec,
  kind: 'mode',
  arity: bare === undefined ? 'required' : 'optional',
  default: undefined,
  repeat: 'last',
  oneWord: true,
  parse: (value) => parseMode(value, bare),
});

/** Things to do at a moment of the server's life: `mkdir:/run/app`. */
export const hooks = (spec: Spec<readonly Hook[]>): Option<readonly Hook[]> => steps(parseHook, { metavar: 'ACTION:ARGUMENT', ...spec });

/** Commands for the shell to run at a moment of the server's life. */
export const commands = (spec: Spec<readonly Hook[]>): Option<readonly Hook[]> => steps(parseCommand, { metavar: 'COMMAND', ...spec });

/** What only the master can do besides. */
export const masterHooks = (spec: Spec<readonly (Hook | SignalHook)[]>): Option<readonly (Hook | SignalHook)[]> =>
  steps(parseMasterHook, { metavar: 'ACTION:ARGUMENT', ...spec });

/** What the application is asked for before the first client: `/shop/`. */
export const warmups = (spec: Spec<readonly WarmupRequest[]>): Option<readonly WarmupRequest[]> =>
  steps(parseWarmup, { metavar: 'PATH', ...spec });

/** Files to watch with what to do when one is touched, read by `parse`. */
export const touches = (parse: (text: string) => Hook, spec: Spec<readonly TouchHook[]>): Option<readonly TouchHook[]> =>
  steps((text) => parseTouch(text, parse), spec);

/** Paths of the site with the files that are there: `/static=/srv/static`. */
export const mappings = (spec: Spec<readonly Mapping[]>): Option<readonly Mapping[]> =>
  steps(parseMapping, { metavar: 'PATH=FOLDER', caution: cautionMapping, ...spec });

/** Regular expressions that add up. */
export const expressions = (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  ...list({ metavar: 'REGEX', ...spec }),
  parse: parseExpression,
});

/** What matches with a number of seconds: `REGEX SECONDS`. */
export const lifetimes = (spec: Spec<readonly Lifetime[]>): Option<readonly Lifetime[]> =>
  steps(parseLifetime, { metavar: 'REGEX SECONDS', ...spec });

/** The same for a content type: `TYPE=SECONDS`. */
export const typeLifetimes = (spec: Spec<readonly Lifetime[]>): Option<readonly Lifetime[]> =>
  steps(parseTypeLifetime, { metavar: 'TYPE=SECONDS', ...spec });

/** Rules for requests or responses, in the form that this option has. */
export const rules = (option: string, spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  ...list({ metavar: 'REGEX ACTION:ARGUMENT', ...spec }),
  parse: (value) => {
    parseRule(option, value);
    return value;
  },
});

/** Header lines: `Name: value`. */
export const headerLines = (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  ...list({ metavar: '"NAME: VALUE"', ...spec }),
  parse: parseHeaderLine,
});

/** Names of headers. */
export const headerNames = (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  ...list({ metavar: 'NAME', ...spec }),
  parse: parseHeaderName,
});

/** Headers, with the variables that get their values. */
export const collections = (spec: Spec<readonly string[]>): Option<readonly string[]> => ({
  ...list({ metavar: '"HEADER VARIABLE"', ...spec }),
  parse: (value) => {
    parseCollection(value);
    return value;
  },
});

/** Caches that all workers share: `name=pages,items=1000`. */
export const caches = (spec: Spec<readonly CacheOption[]>): Option<readonly CacheOption[]> => steps(parseCache, spec);

/** What is in them from the start, read by `parse`. */
export const firstItems = (
  parse: (text: string) => FirstItemOption,
  spec: Spec<readonly FirstItemOption[]>,
): Option<readonly FirstItemOption[]> => steps(parse, spec);

/** Numbers that all workers share. */
export const metrics = (spec: Spec<readonly MetricOption[]>): Option<readonly MetricOption[]> => steps(parseMetric, spec);

/** Where statistics are sent; each is added to what was given before. */
export const pushTargets = (spec: Spec<readonly PushTarget[]>): Option<readonly PushTarget[]> => steps(parsePush, spec);

/** Addresses on which somebody else listens. */
export const receivers = (spec: Spec<readonly Receiver[]>): Option<readonly Receiver[]> =>
  steps(parseReceiver, { metavar: 'HOST:PORT', ...spec });

function parsePasteUri(value: string): string {
  if (/^\w+:./.test(value)) return value;
  throw new RangeError('a scheme and what it names, such as config:/srv/app/production.ini');
}

/** Whatever adds up in order, each one read by `parse`. */
export function steps<Step>(parse: (text: string) => Step, spec: Spec<readonly Step[]>): Option<readonly Step[]> {
  return {
    ...spec,
    kind: 'list',
    arity: 'required',
    default: [],
    repeat: 'append',
    parse,
  };
}

/** A word of the config language. The configuration's reader acts on it; for the engine any text will do, the empty one included. */
export const directive = (spec: Spec<readonly string[]> & { arity?: Arity }): Option<readonly string[]> => ({
  arity: 'required',
  ...spec,
  kind: 'directive',
  default: [],
  repeat: 'append',
  parse: (value) => value,
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

/** A size in units of so many bytes; a suffix says of what else. */
function parseSize(value: string, { unit, min, expected }: { unit: number; min: number; expected: string }): number {
  const [, digits = '', suffix = ''] = /^(\d{1,15})([KMG]?)$/i.exec(value) ?? [];
  const factor = suffix === '' ? unit : (FACTORS[suffix.toUpperCase()] ?? NaN);
  const size = digits === '' ? NaN : (Number(digits) * factor) / unit;
  if (Number.isInteger(size) && size >= min && size <= LARGEST_COUNT) return size;
  throw new RangeError(expected);
}

function parseText(value: string, expected: string): string {
  if (value === '') throw new RangeError(expected);
  return value;
}

/** A file's last line end is none of the secret. */
function parseToken(value: string): string {
  const word = value.trim();
  if (!/^[\x21-\x7e]{16,}$/.test(word))
    throw new RangeError('16 or more characters of ASCII without blanks, such as "openssl rand -hex 32" prints');
  return word;
}

function parseWord<Word extends string>(value: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === value);
  if (word === undefined) throw new RangeError(`one of ${words.join(', ')}`);
  return word;
}

function parseMount(value: string): string {
  const [path, application] = splitPair(value);
  const what = application.trim();
  if (what === '' || !value.startsWith('/')) throw new RangeError('/PATH=APPLICATION, as in /shop=shop.py or /shop=package.shop:app');
  if (/^[^:]*\.(ini|cfg)$/.test(what)) throw new RangeError('a file of Paste with its scheme, as in /shop=config:/srv/shop.ini');
  return `${path.trim()}=${what}`;
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
