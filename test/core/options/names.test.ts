/** Registry and catalog together, against the options of uWSGI 2.0.21, 2.0.30 and 2.1 with all their plugins. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  allNames,
  allOptions,
  canonicalName,
  isKnownOption,
  type KnownOption,
  lookUp,
  lookUpLetter,
  namesOf,
  suggestNames,
} from '../../../src/core/options/names.ts';

interface UwsgiOption {
  readonly names: readonly string[];
  readonly arity: string;
  readonly short?: string;
  readonly isRepeatable?: boolean;
  readonly isImmediate?: boolean;
  readonly impliesMaster?: boolean;
}

const uwsgi = JSON.parse(readFileSync('test/fixtures/uwsgi-options.json', 'utf8')) as readonly UwsgiOption[];

const EXTENSIONS: readonly string[] = [
  'direct-socket',
  'drain-delay',
  'gateways',
  'http2',
  'log-attribution',
  'max-connections',
  'dynamic-root',
  'otlp-endpoint',
  'otlp-header',
  'otlp-sampling-ratio',
  'otlp-service-name',
  'prefetch',
  'queue-limit',
  'queue-timeout',
  'request-buffering',
  'response-buffering',
  'response-buffering-total',
  'slow-request',
  'stats-token',
  'warmup',
  'warmup-timeout',
  'x-sendfile',
];

/** Names that belong to one option there and to another here. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  python: 'it names the interpreter; py and pyrun, which run a script, stay for themselves',
};

/** They share a letter there, which means the first of them. */
const LETTER_OF_ANOTHER: readonly string[] = ['uwsgi-socket'];

/** Words of the config language that uWSGI reads the last of; the reader of the configuration sees each of them anyway. */
const KEPT_IN_ORDER: readonly string[] = ['blacklist', 'whitelist', 'fallback-config', 'exit'];

test('every name of uWSGI is known, and none but those and ours', () => {
  assert.deepEqual(allNames().toSorted(), [...uwsgi.flatMap(({ names }) => names), ...EXTENSIONS].sort());
});

test('no name and no letter is known twice', () => {
  const letters = allOptions().flatMap(({ short }) => short ?? []);
  assert.deepEqual(allNames(), [...new Set(allNames())]);
  assert.deepEqual(letters, [...new Set(letters)]);
});

test('every option takes its argument, its letter and its effects as in uWSGI', () => {
  for (const { names, ...traits } of uwsgi) {
    const [name = ''] = names;
    const known = lookUp(name);
    assert.ok(known);
    if (OTHER_NAMES[name] === undefined) assert.deepEqual(namesOf(known).toSorted(), [...names].sort());
    assert.deepEqual(
      traitsOf(known),
      {
        ...NO_TRAITS,
        ...traits,
        ...(KEPT_IN_ORDER.includes(name) && { isRepeatable: true }),
        ...(LETTER_OF_ANOTHER.includes(name) && { short: undefined }),
      },
      name,
    );
  }
});

const NO_TRAITS = { short: undefined, isRepeatable: false, isImmediate: false, impliesMaster: false };

function traitsOf({ arity, short, isRepeatable, isImmediate, impliesMaster }: KnownOption) {
  return { arity, short, isRepeatable: isRepeatable && arity !== 'none', isImmediate, impliesMaster };
}

test('what is not fully supported tells why, or what else there is', () => {
  for (const { name, support, note, instead } of allOptions().filter((option) => option.support !== 'full')) {
    if (support === 'unsupported') assert.match(instead ?? '', /^\w.*[^.]$/, name);
    else assert.match(note ?? '', /^["\w].*\.$/, name);
  }
});

test('an option is found by each of its names and its letter', () => {
  assert.equal(lookUp('workers')?.name, 'processes');
  assert.equal(lookUp('so-write-timeout')?.name, 'so-send-timeout');
  assert.equal(lookUpLetter('p')?.name, 'processes');
  assert.equal(lookUpLetter('Q')?.name, 'spooler');
  assert.equal(canonicalName('venv'), 'virtualenv');
  assert.equal(canonicalName('cron-legion'), 'legion-cron');
});

test('case and dashes count', () => {
  for (const name of ['Processes', 'chmod_socket', '--master', '', 'constructor']) {
    assert.equal(lookUp(name), undefined);
    assert.equal(canonicalName(name), undefined);
    assert.equal(isKnownOption(name), false);
  }
});

for (const { written, meant } of [
  { written: 'proceses', meant: ['processes'] },
  { written: 'process', meant: ['processes'] },
  { written: 'thread', meant: ['threads'] },
  { written: 'vaccum', meant: ['vacuum'] },
  { written: 'max-request', meant: ['max-requests'] },
  { written: 'CHMOD_SOCKET', meant: ['chmod-socket'] },
  { written: 'static-maps', meant: ['static-map', 'static-map2'] },
  { written: 'emperor-frq', meant: ['emperor-freq'] },
  { written: 'projectdomain', meant: [] },
]) {
  test(`"${written}" probably means ${meant.join() || 'no option'}`, () => {
    assert.deepEqual(suggestNames(written), meant);
  });
}

test('what is widely used is likelier than what is nearer', () => {
  // `reload-on-uss` is as near as `reload-on-rss` and `reload-on-as`, but hardly anybody writes it.
  assert.deepEqual(suggestNames('reload-on-ss'), ['reload-on-as', 'reload-on-rss']);
});
