import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { describe, test } from 'node:test';

/** Each folder of src/core and the folders it may import; docs/architecture.md shows the same table. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  util: [],
  routing: ['errors', 'util'],
  options: ['errors', 'routing', 'log'],
  protocol: ['errors', 'util'],
  wire: ['errors', 'util', 'log'],
  log: ['errors', 'util'],
  stats: ['errors', 'util'],
  config: ['errors', 'util', 'options'],
  lint: ['errors', 'util', 'options', 'routing', 'config', 'plan'],
  present: ['errors', 'options', 'config'],
  plan: ['errors', 'util', 'options', 'routing', 'wire', 'log'],
  tls: ['errors', 'plan'],
  listen: ['errors', 'options', 'log'],
  operate: ['errors', 'util', 'options', 'wire', 'stats'],
  workers: ['errors', 'util', 'wire', 'log', 'stats', 'plan'],
  sites: ['errors', 'util', 'wire', 'log', 'stats', 'plan', 'workers'],
  gateway: ['errors', 'util', 'protocol', 'routing', 'wire', 'log', 'stats', 'plan', 'tls', 'workers'],
  master: ['errors', 'util', 'options', 'wire', 'log', 'stats', 'config', 'plan', 'tls', 'listen', 'workers', 'sites'],
  emperor: ['errors', 'util', 'wire', 'log', 'stats', 'config', 'plan', 'listen', 'master'],
};

const ENGINE = 'src/core';
const CLI = ['src/cli', 'src/commands'];
/**
 * What the command line may use of the engine: the library's front door, the options and the configuration it shows and checks, the
 * errors it prints. What only looks at a configuration does not enter by the front door, since the whole engine would come along.
 */
const CLI_MAY_IMPORT = [
  'src/core/index.ts',
  'src/core/options/',
  'src/core/errors/',
  'src/core/config/',
  'src/core/lint/',
  'src/core/present/',
  'src/core/operate/',
  'src/top/',
  'src/cli/',
  'src/commands/',
];

/** What `src/top` knows of the engine: types. */
const KNOWN_TO_TOP = ['src/core/stats/document.ts', 'src/core/stats/recent.ts'];

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join('src', file));
const inEngine = sources.filter((file) => file.startsWith(`${ENGINE}/`) && file.split('/').length > 3);

describe('the floors', () => {
  for (const file of inEngine) {
    test(`${file} imports only from the floors below it`, () => {
      const floor = floorOf(file);
      const allowed = [floor, ...(FLOORS[floor] ?? [])];
      for (const target of importsOf(file)) assert.ok(allowed.includes(floorOf(target)), `${file} imports ${target}`);
    });
  }

  test('no folder may import one that may import it', () => {
    const reach = (folder: string): string[] => (FLOORS[folder] ?? []).flatMap((below) => [below, ...reach(below)]);
    for (const folder of Object.keys(FLOORS)) assert.ok(!reach(folder).includes(folder), folder);
  });

  test('every folder of the engine has its floor', () => {
    assert.deepEqual([...new Set(inEngine.map(floorOf))].sort(), Object.keys(FLOORS).sort());
  });

  test('docs/architecture.md shows this table', () => {
    const page = readFileSync('docs/architecture.md', 'utf8').replaceAll(/ +/g, ' ');
    for (const [folder, below] of Object.entries(FLOORS)) {
      const row = `| \`${folder}\` | ${below.length === 0 ? '–' : below.join(', ')} |`;
      assert.ok(page.includes(row), `the row ${row}`);
    }
  });
});

describe('the command line', () => {
  for (const file of sources.filter((source) => CLI.some((folder) => source.startsWith(folder)))) {
    test(`${file} enters the engine by its front door`, () => {
      for (const target of importsOf(file)) {
        assert.ok(
          CLI_MAY_IMPORT.some((allowed) => target.startsWith(allowed)),
          `${file} imports ${target}`,
        );
      }
    });
  }
});

describe('the view of a server', () => {
  for (const file of sources.filter((source) => source.startsWith('src/top/'))) {
    test(`${file} knows of the engine only what a document is`, () => {
      for (const target of importsOf(file)) {
        assert.ok(target.startsWith('src/top/') || KNOWN_TO_TOP.includes(target), `${file} imports ${target}`);
      }
    });

    test(`${file} has nothing to do with sockets, terminals and clocks`, () => {
      assert.doesNotMatch(readFileSync(file, 'utf8'), /from 'node:|import\(|process\.|Date\.now|performance\./);
    });
  }
});

/** What runs in browsers shares these with the engine, and nothing that would bring Node's modules along. */
const DASHBOARD_MAY_IMPORT = ['src/core/stats/document.ts', 'src/core/stats/recent.ts', 'src/core/stats/moment.ts'];
/** The one of which it has more than types: it must import nothing but types itself. */
const SHARED_CODE = 'src/core/stats/moment.ts';

describe('the dashboard', () => {
  const files = readdirSync('dashboard', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  for (const file of files.map((name) => join('dashboard', name))) {
    test(`${file} shares with the engine only what browsers can run`, () => {
      const text = readFileSync(file, 'utf8');
      for (const target of importsOf(file)) assert.ok(DASHBOARD_MAY_IMPORT.includes(target), `${file} imports ${target}`);
      for (const [line, target = ''] of text.matchAll(/^import (?!type )[^;]*from '(?:\.\.\/)+(src\/[^']+)';$/gm)) {
        assert.equal(target, SHARED_CODE, `types only: ${line}`);
      }
      assert.doesNotMatch(text, /from 'node:|\b(?:inner|outer)HTML\b|insertAdjacentHTML|\.write\(/);
    });
  }

  test(`${SHARED_CODE} imports nothing but types`, () => {
    assert.doesNotMatch(readFileSync(SHARED_CODE, 'utf8'), /^import (?!type )/m);
  });
});

test('no import leads back to where it came from', () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), [...path, file].join(' → '));
    if (done.has(file)) return;
    for (const target of importsOf(file)) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
});

test('every unit test stands where its source does', () => {
  const tests = readdirSync('test/core', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  for (const file of tests) {
    const source = join('src/core', file.replace(/\.test\.ts$/, '.ts'));
    assert.ok(existsSync(source) || existsSync(source.replace(/\.ts$/, '')), `${file} tests ${source}, which is not there`);
  }
});

/** The files of src that a file imports at run time or for their types. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)]
    .map(([, path = '']) => join(dirname(file), path))
    .filter((path) => path.startsWith('src/'));
}

/** The folder of src/core in which a file is; what is elsewhere has none. */
function floorOf(file: string): string {
  return file.startsWith(`${ENGINE}/`) ? (file.split('/')[2] ?? '') : `outside the engine: ${file}`;
}
