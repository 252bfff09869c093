/**
 * What clients and applications say, as text that stays in its place in a log: no line ends, no colour changes and no field closes early.
 * Its twin is python/tsuwsgi/harmless.py; both have the same tests.
 */

/** A character of UTF-8 above ASCII, or any other byte that is not printable. */
const ODD = new RegExp(
  [
    String.raw`[\xc2-\xdf][\x80-\xbf]`,
    String.raw`\xe0[\xa0-\xbf][\x80-\xbf]`,
    String.raw`[\xe1-\xec\xee\xef][\x80-\xbf]{2}`,
    String.raw`\xed[\x80-\x9f][\x80-\xbf]`,
    String.raw`\xf0[\x90-\xbf][\x80-\xbf]{2}`,
    String.raw`[\xf1-\xf3][\x80-\xbf]{3}`,
    String.raw`\xf4[\x80-\x8f][\x80-\xbf]{2}`,
    String.raw`[\x00-\x1f\x7f-\xff]`,
  ].join('|'),
  'g',
);

/** C1 controls, which some terminals obey, and Unicode's own line ends. */
const HARMFUL = /^[\x80-\x9f\u2028\u2029]$/u;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** @param bytes one latin-1 character for each byte, as they came */
export function harmless(bytes: string): string {
  return bytes.replaceAll(ODD, show);
}

/** The same for what stands between double quotes. */
export function harmlessQuoted(bytes: string): string {
  return harmless(bytes.replaceAll(/["\\]/g, String.raw`\$&`));
}

function show(bytes: string): string {
  const character = bytes.length > 1 ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
  if (bytes.length > 1 && !HARMFUL.test(character)) return character;
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
