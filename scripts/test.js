/**
 * `npm test`: everything, from a fresh clone. Words choose parts: `npm test -- unit e2e`. What follows `--` goes to Node's
 * test runner: `npm test -- e2e -- --test-name-pattern=virtualenv`; a file chooses itself: `npm test -- test/e2e/http.test.ts`.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, ROOT, run } from './prepare.js';
import { missing, neededBy, REQUIREMENTS } from './requirements.js';

const IS_CI = process.env['CI'] === 'true';
const PYTHON = '/usr/bin/python3';

/** Compiled Python goes where it cannot be packed by accident. */
const COMPILED_ELSEWHERE = ['-X', `pycache_prefix=${join(tmpdir(), 'tsu-pycache')}`];

/** The end-to-end tests run servers of several processes each, which wait for half of the time: two processors have enough to do with three. */
const E2E_AT_A_TIME = 3;

const TEST_TIMEOUT_MS = 120_000;

/**
 * Tests have the machine for themselves, and show how they get on; of other steps several run at a time.
 *
 * @typedef {{ name: string, isTests: boolean, run: (more: readonly string[]) => boolean | Promise<boolean> }} Step
 * @typedef {{ name: string, passed: boolean, seconds: number }} Result
 */

/** @type {Record<string, Step[]>} */
const PARTS = {
  checks: [
    step('lint', 'npm', 'run', '--silent', 'lint'),
    step('format', 'npm', 'run', '--silent', 'format:check'),
    step('types', 'npm', 'run', '--silent', 'typecheck'),
    step('generated files', process.execPath, 'scripts/generate.js', '--check'),
    step('dead code', 'npm', 'run', '--silent', 'deadcode'),
  ],
  python: [
    step(
      'python compiles',
      PYTHON,
      ...COMPILED_ELSEWHERE,
      '-m',
      'compileall',
      '-q',
      'python',
      'test/python',
      'test/fixtures',
      'bench',
      'examples',
    ),
    step('python tests', PYTHON, ...COMPILED_ELSEWHERE, '-m', 'unittest', 'discover', '-s', 'test/python', '-t', 'test'),
  ],
  unit: [
    {
      name: 'unit tests',
      isTests: true,
      run: (more) => runTests(testFiles('test', ['e2e', 'python']), [`--test-concurrency=${String(availableParallelism())}`, ...more]),
    },
  ],
  e2e: [
    {
      name: 'end-to-end tests',
      isTests: true,
      run: (more) => runTests(testFiles('test/e2e', []), [`--test-concurrency=${String(E2E_AT_A_TIME)}`, ...more]),
    },
  ],
};

await main();

async function main() {
  const { steps, more } = readArguments(process.argv.slice(2));
  prepare();
  getPackages();
  const results = await together(
    steps.filter(({ isTests }) => !isTests),
    more,
  );
  for (const one of steps.filter(({ isTests }) => isTests)) results.push(await timed(one, more));
  console.log(
    '\n' +
      results
        .map(({ name, passed, seconds }) => `${passed ? 'ok  ' : 'FAIL'} ${name.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s`)
        .join('\n'),
  );
  process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
}

/**
 * @param {readonly string[]} words
 * @returns {{ steps: Step[], more: string[] }}
 */
function readArguments(words) {
  const cut = words.indexOf('--');
  const chosen = cut < 0 ? words : words.slice(0, cut);
  const more = cut < 0 ? [] : words.slice(cut + 1);
  if (chosen.length === 0) return { steps: Object.values(PARTS).flat(), more };
  return { steps: chosen.flatMap((word) => PARTS[word] ?? [oneFile(word)]), more };
}

/**
 * @param {string} path
 * @returns {Step}
 */
function oneFile(path) {
  if (!existsSync(join(ROOT, path))) {
    console.error(`There is no part "${path}" and no such file. Parts: ${Object.keys(PARTS).join(', ')}.`);
    process.exit(2);
  }
  return { name: path, isTests: true, run: (more) => runTests([path], [...more]) };
}

/** The packages of Debian that the tests need. */
function getPackages() {
  const absent = missing(neededBy('tests'));
  if (absent.length === 0) return;
  if (IS_CI && process.getuid?.() === 0) install(absent);
  else tell(absent);
}

/** @param {readonly string[]} packages */
function install(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  console.log(`installing ${packages.join(' ')}`);
  const failed =
    run('apt-get', ['-qq', 'update'], env) || run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...packages], env);
  if (failed) process.exit(1);
}

/** @param {readonly string[]} packages */
function tell(packages) {
  /** @type {Readonly<Record<string, { purpose: string }>>} */
  const table = REQUIREMENTS;
  console.log('Tests that need these Debian packages are skipped:');
  for (const name of packages) console.log(`  ${name.padEnd(22)} ${table[name]?.purpose ?? ''}`);
  console.log(`To have them: apt-get install --no-install-recommends ${packages.join(' ')}\n`);
}

/**
 * As many at a time as there are processors: each of them has use for one.
 *
 * @param {readonly Step[]} steps
 * @param {readonly string[]} more
 * @returns {Promise<Result[]>}
 */
async function together(steps, more) {
  const waiting = [...steps];
  /** @type {Result[]} */
  const results = [];
  const lane = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) results.push(await timed(one, more));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return results;
}

/**
 * @param {Step} one
 * @param {readonly string[]} more
 * @returns {Promise<Result>}
 */
async function timed({ name, isTests, run: work }, more) {
  if (isTests) console.log(`\n=== ${name}`);
  const begin = performance.now();
  const passed = await work(more);
  return { name, passed, seconds: (performance.now() - begin) / 1000 };
}

/**
 * @param {string} name
 * @param {string} command
 * @param {...string} words
 * @returns {Step}
 */
function step(name, command, ...words) {
  return { name, isTests: false, run: () => say(name, command, words) };
}

/**
 * Runs a command and prints, in one piece, what it says.
 *
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} words
 * @returns {Promise<boolean>} whether it has succeeded
 */
function say(name, command, words) {
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (/** @type {Buffer} */ piece) => said.push(piece));
    child.once('error', (error) => said.push(Buffer.from(`${error.message}\n`)));
    child.once('close', (status) => {
      process.stdout.write(`\n=== ${name}\n${Buffer.concat(said).toString()}`);
      resolve(status === 0);
    });
  });
}

/**
 * The test files below a folder, without these folders of it.
 *
 * @param {string} folder
 * @param {readonly string[]} without
 * @returns {string[]}
 */
function testFiles(folder, without) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !without.some((one) => file.startsWith(`${one}/`)))
    .map((file) => join(folder, file))
    .sort();
}

/**
 * @param {readonly string[]} files
 * @param {readonly string[]} more
 * @returns {boolean}
 */
function runTests(files, more) {
  const folder = mkdtempSync(join(tmpdir(), 'tsu-report-'));
  const report = join(folder, 'report.tap');
  try {
    const reporters = ['spec', 'stdout', 'tap', report].map((word, at) => `--test-reporter${at % 2 === 0 ? '' : '-destination'}=${word}`);
    const words = ['--import', 'tsx', '--test', `--test-timeout=${String(TEST_TIMEOUT_MS)}`, ...reporters, ...more, ...files];
    const passed = run(process.execPath, words) === 0;
    return passed && skippedAreAllowed(readFileSync(report, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A test that does not run proves nothing, so on the build machine each one that was skipped is a failure.
 *
 * @param {string} report in TAP
 * @returns {boolean}
 */
function skippedAreAllowed(report) {
  const skipped = report.split('\n').filter((line) => /^\s*ok .* # SKIP/.test(line));
  if (!IS_CI || skipped.length === 0) return true;
  console.error(`With CI=true no test may be skipped:\n${skipped.join('\n')}`);
  return false;
}
