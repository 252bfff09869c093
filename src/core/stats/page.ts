import type { IncomingMessage } from 'node:http';

/** What one address of `stats-http` answers. */
export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export type PageMaker = (request: IncomingMessage) => Page | Promise<Page>;

/** By method and path: `GET /readyz`. What answers GET answers HEAD, too. */
export type Pages = Readonly<Record<string, PageMaker>>;

/** What never stays in anybody's cache. */
export function plainPage(status: number, text: string): Page {
  return { status, headers: { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' }, body: `${text}\n` };
}

/** What changes from one second to the next. @param json as text */
export function jsonPage(json: string): Page {
  return { status: 200, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }, body: json };
}
