import { readFileSync } from 'node:fs';

/** The version of this package. From dist/core/util or src/core/util alike, the package is three folders up. */
export function version(): string {
  return (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}
