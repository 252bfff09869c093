/**
 * Who may read what `stats-http` tells. Figures may be read by whoever reaches the address, as with uWSGI; what clients and the application said
 * (URLs, tracebacks) only where others cannot reach it. A token takes the place of both rules.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { type Page, type PageMaker, plainPage } from './page.ts';
import { hasSession } from './session.ts';

export interface Access {
  /** `stats-token`: who has it may read everything, and nobody else anything. */
  readonly token: string | undefined;
  /** Others than users of this machine can reach the address. */
  readonly isPublic: boolean;
}

/** What a page tells: numbers about the server, or details of requests. */
export type Matter = 'figures' | 'details';

/** What is looked at of a request. */
export interface Visitor {
  readonly headers: IncomingMessage['headers'];
  readonly socket: Pick<IncomingMessage['socket'], 'localAddress'>;
}

/** The page, for those who may read it. A reload may change who that is. */
export function guarded(make: PageMaker, matter: Matter, access: () => Access): PageMaker {
  return (request) => refusal(request, matter, access()) ?? make(request);
}

/** What somebody is told who may not read that; undefined for who may. */
export function refusal({ headers, socket }: Visitor, matter: Matter, { token, isPublic }: Access): Page | undefined {
  if (token !== undefined) return isHolder(headers, token) ? undefined : tokenWanted(headers);
  if (matter === 'figures') return undefined;
  if (isPublic) return NOT_IN_PUBLIC;
  return isOurName(headers.host) || socket.localAddress === undefined ? undefined : FOREIGN_NAME;
}

/** Whether this is somebody who has the token, or was given a session for it. */
export function isHolder({ authorization, cookie }: Visitor['headers'], token: string): boolean {
  return hasToken(authorization, token) || hasSession(cookie, token, Date.now() / 1000);
}

/**
 * Whether a request that is to change something was made on purpose. A browser says whose page it makes one for, and only ours may: other
 * pages would act in the name of its user. What no browser sent has no session to abuse and brings the token itself.
 */
export function isOnPurpose({ origin, host, authorization }: Visitor['headers']): boolean {
  if (origin === undefined) return /^bearer /i.test(authorization ?? '');
  return host !== undefined && [`http://${host}`, `https://${host}`].includes(origin.toLowerCase());
}

function tokenWanted({ accept }: Visitor['headers']): Page {
  const page = plainPage(
    401,
    'the token of this server is wanted (stats-token): as "Authorization: Bearer TOKEN", or as the password of any user',
  );
  const bearer = 'Bearer realm="tsuwsgi statistics"';
  // Browsers ask their user for the Basic one; the dashboard does so itself.
  const challenge = accept === 'application/json' ? bearer : `Basic realm="tsuwsgi statistics", ${bearer}`;
  return { ...page, headers: { ...page.headers, 'WWW-Authenticate': challenge } };
}

const NOT_IN_PUBLIC = plainPage(
  403,
  'this page tells of requests, and others than the users of this machine can reach this address: set stats-token, or "stats = 127.0.0.1:PORT"',
);

const FOREIGN_NAME = plainPage(403, 'this page tells of requests: ask for it by "localhost" or by the address, or set stats-token');

/** By Bearer (RFC 6750), or as the password of Basic (RFC 7617). */
function hasToken(authorization: string | undefined, token: string): boolean {
  return timingSafeEqual(digest(tokenIn(authorization)), digest(token));
}

function tokenIn(authorization = ''): string {
  const [, scheme = '', value = ''] = /^(basic|bearer) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  const credentials = Buffer.from(value, 'base64').toString('latin1');
  return credentials.slice(credentials.indexOf(':') + 1);
}

/** Of one length, whatever the texts are: the comparison tells nothing about it. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Somebody else's page may have its own name lead to this machine, and its visitors' browsers would let it read what we answer under
 * that name (DNS rebinding). Nobody else has these names.
 */
function isOurName(host = ''): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === '' || name.toLowerCase() === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
