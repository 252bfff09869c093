/** The conditions of `route-if` and `route-if-not`, by name. */
import { isIP, isIPv4, isIPv6, BlockList } from 'node:net';
import { nearest } from '../errors/nearest.ts';
import { RuleFlaw } from '../errors/routing.ts';
import { translatePattern } from './pattern.ts';
import { isConstant, parseTemplate, type Template } from './template.ts';

/** What is at a path. */
export interface PathKind {
  readonly isFile: boolean;
  readonly isFolder: boolean;
  readonly isLink: boolean;
  readonly isExecutable: boolean;
}

/** Undefined where there is nothing at this path. */
export type Look = (path: string) => PathKind | undefined;

/** What stands on both sides of the semicolon, as the request fills it in. */
interface Operands {
  readonly left: string;
  readonly right: string;
  readonly look: Look;
}

/** A condition of a rule, filled in by each request. */
export interface Condition {
  readonly name: string;
  readonly left: Template;
  /** Undefined for a condition that compares nothing. */
  readonly right: Template | undefined;
}

/** What a condition found: `$0`, `$1` and so on. Undefined where it does not hold. */
export type Found = readonly string[] | undefined;

interface Kind {
  /** It compares two texts: `left;right`. */
  readonly isOfTwo: boolean;
  readonly find: (operands: Operands) => Found;
}

const NOTHING: readonly string[] = [];

const path = (is: (kind: PathKind) => boolean): Kind => ({
  isOfTwo: false,
  find: ({ left, look }) => {
    const kind = look(left);
    return kind !== undefined && is(kind) ? NOTHING : undefined;
  },
});

const texts = (compare: (left: string, right: string) => boolean): Kind => ({
  isOfTwo: true,
  find: ({ left, right }) => (compare(left, right) ? NOTHING : undefined),
});

const numbers = (compare: (left: number, right: number) => boolean): Kind =>
  texts((left, right) => compare(leadingNumber(left), leadingNumber(right)));

const EQUAL = texts((left, right) => left === right);
const CONTAINS = texts((left, right) => left.includes(right));
const HIGHER = numbers((left, right) => left > right);
const LOWER = numbers((left, right) => left < right);
const HIGHER_EQUAL = numbers((left, right) => left >= right);
const LOWER_EQUAL = numbers((left, right) => left <= right);
const MATCHES: Kind = { isOfTwo: true, find: ({ left, right }) => match(left, right) };

const KINDS: Readonly<Record<string, Kind>> = {
  exists: path(() => true),
  isfile: path(({ isFile }) => isFile),
  isdir: path(({ isFolder }) => isFolder),
  islink: path(({ isLink }) => isLink),
  isexec: path(({ isExecutable }) => isExecutable),
  equal: EQUAL,
  isequal: EQUAL,
  eq: EQUAL,
  '==': EQUAL,
  startswith: texts((left, right) => left.startsWith(right)),
  endswith: texts((left, right) => left.endsWith(right)),
  contains: CONTAINS,
  contain: CONTAINS,
  regexp: MATCHES,
  re: MATCHES,
  ishigher: HIGHER,
  '>': HIGHER,
  islower: LOWER,
  '<': LOWER,
  ishigherequal: HIGHER_EQUAL,
  '>=': HIGHER_EQUAL,
  islowerequal: LOWER_EQUAL,
  '<=': LOWER_EQUAL,
  ipv4in: texts((left, right) => isIPv4(left) && isInNetwork(left, right)),
  ipv6in: texts((left, right) => isIPv6(left) && isInNetwork(left, right)),
  empty: { isOfTwo: false, find: ({ left }) => (left === '' ? NOTHING : undefined) },
};

/**
 * @param text `equal:${PATH_INFO};/x`
 * @throws RuleFlaw for a name that is no condition, and for one that lacks what it compares with
 */
export function parseCondition(text: string): Condition {
  const colon = text.indexOf(':');
  if (colon === -1)
    throw new RuleFlaw(`"${text}" is no condition`, { column: 1, suggestions: ['write CONDITION:TEXT, as in empty:${HTTPS}'] });
  const name = text.slice(0, colon);
  const kind = kindOf(name);
  if (kind === undefined) throw unknownCondition(name);
  const operands = text.slice(colon + 1);
  if (!kind.isOfTwo) return { name, left: parseTemplate(operands), right: undefined };
  // As in uWSGI, all others belong to the right side.
  const semicolon = operands.indexOf(';');
  if (semicolon === -1) {
    throw new RuleFlaw(`"${name}" compares two texts`, { column: 1, suggestions: [`write "${name}:LEFT;RIGHT"`] });
  }
  const right = operands.slice(semicolon + 1);
  const condition = { name, left: parseTemplate(operands.slice(0, semicolon)), right: parseTemplate(right) };
  // What no request fills in can be checked now.
  if (kind === MATCHES && isConstant(condition.right)) checkPattern(right, colon + semicolon + 2);
  return condition;
}

export function find({ name }: Condition, operands: Operands): Found {
  return kindOf(name)?.find(operands);
}

function kindOf(name: string): Kind | undefined {
  return Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
}

function checkPattern(text: string, start: number): void {
  try {
    translatePattern(text);
  } catch (error) {
    throw error instanceof RuleFlaw ? error.within(start) : error;
  }
}

function unknownCondition(name: string): RuleFlaw {
  if (name === 'incache' || name === 'lord') {
    return new RuleFlaw(`the condition "${name}" is uWSGI's, and tsuwsgi does not have it`, {
      column: 1,
      suggestions: ['decide in the proxy in front'],
    });
  }
  const suggestions = nearest(name, Object.keys(KINDS)).map((one) => `write "${one}:"`);
  return new RuleFlaw(`there is no condition "${name}"`, { column: 1, suggestions });
}

/** As atol(3) reads it: digits up to what is none, and 0 without any. */
function leadingNumber(text: string): number {
  const [digits = '0'] = /^\s*[+-]?\d+/.exec(text) ?? [];
  return Number(digits);
}

const expressions = new Map<string, RegExp | undefined>();
/** Expressions that the request fills in are endless. */
const EXPRESSIONS_KEPT = 256;

function match(text: string, pattern: string): Found {
  if (!expressions.has(pattern)) {
    if (expressions.size >= EXPRESSIONS_KEPT) expressions.clear();
    expressions.set(pattern, compile(pattern));
  }
  const found = expressions.get(pattern)?.exec(text);
  return found ? groupsOf(found) : undefined;
}

/** What the groups of an expression found, `$0` first; empty for one that was not needed. */
export function groupsOf(found: RegExpExecArray): readonly string[] {
  return Array.from(found, (group: string | undefined) => group ?? '');
}

/** One that is none, which a request has brought about, matches nothing. */
function compile(pattern: string): RegExp | undefined {
  try {
    const { source, flags } = translatePattern(pattern);
    return new RegExp(source, flags);
  } catch (error) {
    if (error instanceof RuleFlaw) return undefined;
    throw error;
  }
}

/** `10.0.0.0/8`; an address alone is a network of its own. */
function isInNetwork(address: string, network: string): boolean {
  const [base = '', bits] = network.split('/');
  const family = isIP(base);
  if (family === 0 || family !== isIP(address)) return false;
  const most = family === 4 ? 32 : 128;
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
  if (!(length <= most)) return false;
  const list = new BlockList();
  list.addSubnet(base, length, family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
