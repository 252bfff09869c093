import { extname } from 'node:path';
import { formatOf } from './formats/read.ts';

/**
 * Whether an emperor takes a file for a vassal's. Unlike in uWSGI no hidden one is: that is what editors and copying programs are still at
 * work on.
 *
 * @param moreExtensions with their dots, besides those of config files
 */
export function isVassalName(name: string, moreExtensions: readonly string[] = []): boolean {
  return !name.startsWith('.') && (formatOf(name) !== undefined || moreExtensions.includes(extname(name)));
}
