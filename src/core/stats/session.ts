/**
 * What a browser is given for the token, so that neither the page nor its user has to keep that: a cookie that says until when it is good,
 * sealed with the token. The server remembers nothing: a session outlives a restart, and ends with the token that it was given for.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const NAME = 'tsuwsgi-session';
const HOURS = 12;

/**
 * No script reads it and no other site's page sends it. Not `Secure`: the server itself speaks no TLS here.
 *
 * @param now seconds since the epoch
 * @returns the value of Set-Cookie
 */
export function openSession(token: string, now: number): string {
  const seconds = HOURS * 3600;
  const until = String(Math.floor(now) + seconds);
  return cookie(`${until}.${seal(until, token)}`, seconds);
}

/** The value of Set-Cookie that takes it away. */
export function endSession(): string {
  return cookie('', 0);
}

/**
 * @param cookies the header Cookie
 * @param now seconds since the epoch
 */
export function hasSession(cookies: string | undefined, token: string, now: number): boolean {
  const [, until = '', given = ''] = new RegExp(`(?:^|; *)${NAME}=(\\d{1,12})\\.([\\w-]{43})(?:;|$)`).exec(cookies ?? '') ?? [];
  if (until === '') return false;
  return timingSafeEqual(Buffer.from(given), Buffer.from(seal(until, token))) && Number(until) > now;
}

function cookie(value: string, seconds: number): string {
  return `${NAME}=${value}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Strict`;
}

function seal(until: string, token: string): string {
  return createHmac('sha256', token).update(`a session of the dashboard until ${until}`).digest('base64url');
}
