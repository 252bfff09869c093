let second = -1;
let line = '';

/** The Date field of this second (RFC 9110 6.6.1): formatted once for all responses of it. */
export function dateLine(now: number = Date.now()): string {
  const current = Math.floor(now / 1000);
  if (current === second) return line;
  second = current;
  line = `Date: ${new Date(current * 1000).toUTCString()}\r\n`;
  return line;
}
