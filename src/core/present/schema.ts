/** A JSON Schema for editors: what may stand in a YAML or JSON config file, made from the registry. */
import type { Kind } from '../options/define.ts';
import type { KnownOption } from '../options/known.ts';
import { allOptions, findByName, optionOf } from '../options/names.ts';
import { asSentence } from './sentence.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Text that is something else once its placeholders are replaced, so nothing can be said of it yet. */
const PLACEHOLDER = { type: 'string', pattern: '[%$@]\\(|%[A-Za-z\\[]' };

const WORD = { type: ['string', 'number', 'boolean'] };
const TEXT = { type: ['string', 'number'] };

/** What one value of each kind looks like. Files hold text, which YAML and JSON may write as numbers and truths of their own. */
const KINDS: Readonly<Record<Kind, Schema>> = {
  flag: { type: ['boolean', 'string', 'integer'] },
  count: numberOr('^\\d+$'),
  seconds: numberOr('^\\d+$'),
  bytes: numberOr('^\\d+[KMGkmg]?$'),
  megabytes: numberOr('^\\d+[KMGkmg]?$'),
  mode: numberOr('^0?[0-7]{3}$|^1?$'),
  text: TEXT,
  list: TEXT,
  path: { type: 'string' },
  paths: { type: 'string' },
  assignments: { anyOf: [PLACEHOLDER, { type: 'string', pattern: '^[^=]+=' }] },
  address: TEXT,
  addresses: TEXT,
  directive: WORD,
};

/** The schema of a whole document. */
export function configSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of tsuwsgi',
    description:
      'A config file in YAML or JSON. Options stand in the object "uwsgi"; other objects are sections to be named with FILE:SECTION.',
    type: 'object',
    required: ['uwsgi'],
    properties: { uwsgi: { $ref: '#/$defs/section' } },
    $defs: { section: section(), ...definitions() },
  };
}

function section(): Schema {
  return {
    description: 'The options, in the order in which they count. An option that is given several times is written with a list.',
    type: 'object',
    properties: Object.fromEntries(allOptions().flatMap(spellings)),
    additionalProperties: { description: 'No option: a placeholder, which other values use as %(name).', $ref: '#/$defs/anything' },
  };
}

function definitions(): Schema {
  const kinds = Object.entries(KINDS).flatMap(([kind, value]) => [
    [kind, value],
    [`${kind}-list`, { anyOf: [{ $ref: `#/$defs/${kind}` }, { type: 'array', items: { $ref: `#/$defs/${kind}` } }] }],
  ]);
  return { anything: { anyOf: [WORD, { type: 'array', items: WORD }] }, ...(Object.fromEntries(kinds) as Schema) };
}

function spellings(option: KnownOption): [string, Schema][] {
  const own = property(option);
  const aliases = option.aliases.map((alias): [string, Schema] => [
    alias,
    { ...own, description: `Another name of "${option.name}". ${descriptionOf(option)}`.trimEnd() },
  ]);
  return [[option.name, own], ...aliases];
}

function property(option: KnownOption): Schema {
  return {
    description: descriptionOf(option),
    $ref: `#/$defs/${definitionOf(option)}`,
    ...(option.support === 'unsupported' && { deprecated: true }),
    ...defaultOf(option.name),
  };
}

/** Nobody reads the values of options that are only passed over, so any will do. */
function definitionOf({ name, kind, isRepeatable }: KnownOption): string {
  if (findByName(name) === undefined) return 'anything';
  return isRepeatable ? `${kind}-list` : kind;
}

function descriptionOf({ help, note, support, instead }: KnownOption): string {
  const refusal = support === 'unsupported' ? 'Not supported by tsuwsgi.' : undefined;
  return [help && asSentence(help), refusal, note, instead && asSentence(instead)].filter((part) => part !== undefined).join(' ');
}

/** Only numbers and truths: the other kinds have no default that could be written. */
function defaultOf(name: string): Schema {
  const own = findByName(name);
  const value = own === undefined ? undefined : optionOf(own).default;
  return typeof value === 'number' || typeof value === 'boolean' ? { default: value } : {};
}

function numberOr(pattern: string): Schema {
  return { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string', pattern }, PLACEHOLDER] };
}
