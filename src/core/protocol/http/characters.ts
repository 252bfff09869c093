/** What a byte may be in a request (RFC 9110 5.6.2, 5.5; RFC 3986 2), as tables that the parser indexes. */

export const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const HASH = 0x23;
export const PERCENT = 0x25;
export const ASTERISK = 0x2a;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const QUESTION = 0x3f;
export const DELETE = 0x7f;

const TOKEN_FOLDED = table((byte) => {
  const character = String.fromCharCode(byte);
  return /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(character) ? character.toUpperCase().charCodeAt(0) : 0;
});

const FIELD_VALUE = table((byte) => (byte === TAB || (byte >= SPACE && byte !== DELETE) ? 1 : 0));

const HOST_NAME = table((byte) => (/[A-Za-z0-9\-._~!$&'()*+;=]/.test(String.fromCharCode(byte)) ? 1 : 0));

/** A byte of a token, small letters as capitals; 0 for all others. Field names that differ only in case are equal after it. */
export function foldToken(byte: number | undefined): number {
  return TOKEN_FOLDED[byte ?? 0] ?? 0;
}

/** No control character but the tab. */
export function isFieldValue(byte: number | undefined): boolean {
  return FIELD_VALUE[byte ?? 0] === 1;
}

/** A byte of the name of a host: no user, no path, no blank; nor what begins an escape, a port or an address in brackets. */
export function isHostName(byte: number | undefined): boolean {
  return HOST_NAME[byte ?? 0] === 1;
}

/** The value of a hexadecimal digit; -1 for all others. */
export function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function table(value: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => value(byte));
}
