/** The form in which htpasswd keeps passwords when it is not told otherwise: MD5, a thousand times, with Apache's own alphabet. */
import { createHash } from 'node:crypto';

const ROUNDS = 1000;
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Which bytes of the digest make four characters together. */
const GROUPS = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const;

/**
 * @param password latin-1
 * @returns `$apr1$SALT$…`
 */
export function apr1(password: string, salt: string): string {
  const secret = Buffer.from(password, 'latin1');
  const seed = Buffer.from(salt.slice(0, 8), 'latin1');
  const inner = md5(secret, seed, secret);
  const parts: Buffer[] = [secret, Buffer.from('$apr1$'), seed];
  for (let left = secret.length; left > 0; left -= inner.length) parts.push(inner.subarray(0, left));
  for (let bits = secret.length; bits > 0; bits >>= 1) parts.push((bits & 1) === 1 ? Buffer.from([0]) : secret.subarray(0, 1));
  let digest = md5(...parts);
  for (let round = 0; round < ROUNDS; round++) digest = mix(digest, { round, secret, seed });
  return `$apr1$${salt.slice(0, 8)}$${encode(digest)}`;
}

function mix(digest: Buffer, { round, secret, seed }: { round: number; secret: Buffer; seed: Buffer }): Buffer {
  const isOdd = (round & 1) === 1;
  return md5(
    isOdd ? secret : digest,
    round % 3 === 0 ? Buffer.alloc(0) : seed,
    round % 7 === 0 ? Buffer.alloc(0) : secret,
    isOdd ? digest : secret,
  );
}

function encode(digest: Buffer): string {
  const at = (index: number) => digest[index] ?? 0;
  const groups = GROUPS.map(([high, middle, low]) => letters((at(high) << 16) | (at(middle) << 8) | at(low), 4));
  return groups.join('') + letters(at(11), 2);
}

/** The lowest six bits first. */
function letters(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => ALPHABET[(value >> (6 * index)) & 0x3f]).join('');
}

function md5(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
