import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '../..');

/** What tests read. */
export const FIXTURES = join(ROOT, 'test/fixtures');

/** Small WSGI applications, one behaviour each. */
export const APPS = join(ROOT, 'test/fixtures/apps');

/** The Python that Debian's packages (flask, django, uwsgi's plugin) belong to. */
export const PYTHON = '/usr/bin/python3';

/** The version in package.json. */
export const VERSION = readVersion();

function readVersion(): string {
  const found: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  if (typeof found !== 'object' || found === null || !('version' in found)) throw new Error('package.json has no version');
  return String(found.version);
}
