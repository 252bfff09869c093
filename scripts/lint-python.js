/**
 * Lints the Python half with ruff and checks its format: `npm run lint:python`; with `--write`, formats it.
 *
 * The ruff of the npm registry is ruff itself, compiled for any machine, so that no Python package has to be installed for it.
 */
import { PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const FOLDERS = ['python', 'test/python', 'bench', 'examples'];

const ruff = new Workspace(
  {
    'line-length': 150,
    'target-version': 'py38',
    lint: {
      select: ['E', 'F', 'W', 'UP', 'B', 'C4', 'SIM', 'RET', 'PIE', 'N', 'PLE', 'PLW'],
      ignore: [
        // Aliases and NamedTuples are evaluated when they run, where Python 3.8 knows neither `X | None` nor `list[str]`.
        ...['UP006', 'UP007', 'UP035', 'UP045'],
        // The entry must run far enough on any Python to say that it is too old.
        ...['UP031', 'UP036'],
        // The formatter breaks lines; what it leaves long is text.
        'E501',
        // Tests hold files open on purpose and close them in cleanups.
        'SIM115',
        // `except …: pass  # why` shows the reason where the eye is; the names of errors need no suffix.
        ...['SIM105', 'N818'],
      ],
    },
  },
  PositionEncoding.Utf16,
);

const isWriting = process.argv.includes('--write');
const faults = FOLDERS.flatMap(pythonFiles).flatMap((file) => check(file));
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

/**
 * @param {string} folder
 * @returns {string[]}
 */
function pythonFiles(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.py'))
    .map((file) => join(folder, file));
}

/**
 * @param {string} file
 * @returns {string[]}
 */
function check(file) {
  const path = join(ROOT, file);
  const text = readFileSync(path, 'utf8');
  const formatted = ruff.format(text);
  if (isWriting && formatted !== text) writeFileSync(path, formatted);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- its own declarations say `any`
  const found = /** @type {import('@astral-sh/ruff-wasm-nodejs').Diagnostic[]} */ (ruff.check(isWriting ? formatted : text));
  const faults = found.map(({ start_location: { row }, code, message }) => `${file}:${row}: ${message} (${code ?? 'syntax'})`);
  return isWriting || formatted === text ? faults : [...faults, `${file}: not formatted; run "npm run lint:python -- --write"`];
}
