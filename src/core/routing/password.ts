/** Passwords of `basicauth`, and the files in the form of htpasswd that hold them. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { apr1 } from './apr1.ts';
import { desCrypt } from './des-crypt.ts';

/** What a file or a rule knows of one user. */
export interface PasswordEntry {
  readonly name: string;
  readonly password: string;
  /** How the password is kept: as it is, as `{SHA}…`, as `$apr1$…`, or in crypt(3)'s thirteen characters. */
  readonly form: 'plain' | 'sha1' | 'apr1' | 'des';
}

/** A line of a file that cannot be used, by its number from 1, and why. */
export interface UnusableLine {
  readonly line: number;
  readonly reason: string;
}

export interface PasswordFile {
  readonly entries: readonly PasswordEntry[];
  readonly unusable: readonly UnusableLine[];
}

/** What an Authorization header brings. Latin-1. */
export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** Undefined for a header that is not of the scheme Basic (RFC 7617), or not well-formed. */
export function readCredentials(authorization: string): Credentials | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('latin1');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** @param text of the file, as latin-1 */
export function readPasswordFile(text: string): PasswordFile {
  const entries: PasswordEntry[] = [];
  const unusable: UnusableLine[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const entry = readEntry(line);
    if ('reason' in entry) unusable.push({ line: index + 1, ...entry });
    else entries.push(entry);
  }
  return { entries, unusable };
}

function readEntry(line: string): PasswordEntry | Pick<UnusableLine, 'reason'> {
  const [name = '', password] = line.split(':');
  if (password === undefined) return { reason: 'it is not USER:PASSWORD' };
  if (password.startsWith('{SHA}')) return { name, password, form: 'sha1' };
  if (password.startsWith('$apr1$')) return { name, password, form: 'apr1' };
  if (/^[./0-9A-Za-z]{13}$/.test(password)) return { name, password, form: 'des' };
  const form = /^\$2[aby]\$/.test(password) ? 'bcrypt' : 'a form that is not known here';
  return { reason: `its password is in ${form}; use htpasswd -m or -s` };
}

/** Whether it takes about a millisecond or more to check a password of this form. */
export function isSlow({ form }: PasswordEntry): boolean {
  return form === 'apr1' || form === 'des';
}

export function isRight(entry: PasswordEntry, { name, password }: Credentials): boolean {
  return isSame(entry.name, name) && isSame(entry.password, encode(entry, password));
}

function encode({ form, password: kept }: PasswordEntry, given: string): string {
  if (form === 'plain') return given;
  if (form === 'sha1') return `{SHA}${createHash('sha1').update(given, 'latin1').digest('base64')}`;
  return form === 'des' ? desCrypt(given, kept) : apr1(given, kept.split('$')[2] ?? '');
}

/** Takes as long for any two texts of the same length. */
function isSame(one: string, other: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text, 'latin1').digest();
  return timingSafeEqual(hash(one), hash(other));
}
