import { readFileSync } from 'node:fs';
import type { Page, Pages } from '../stats/page.ts';

/** Where the build has put it: beside the engine. */
const BUILT = new URL('../../dashboard/', import.meta.url);

/**
 * Nothing of the page may come from elsewhere, go elsewhere, or run from within what it shows. Marks of a script that it loads are its
 * file alone; that no text becomes markup, browsers that know Trusted Types see to themselves.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'Cache-Control': 'no-cache',
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** They tell nothing about this server, so that whoever has no token yet can be asked for it. */
export const DASHBOARD_FILES: Pages = {
  'GET /dashboard': once('index.html', 'text/html; charset=utf-8'),
  'GET /dashboard.js': once('dashboard.js', 'text/javascript; charset=utf-8'),
  'GET /dashboard.css': once('dashboard.css', 'text/css; charset=utf-8'),
  'GET /dashboard.svg': once('dashboard.svg', 'image/svg+xml'),
};

/** A file that is read when it is asked for first, and kept: another version that is installed meanwhile is not mixed with this one. */
function once(name: string, type: string): () => Page {
  let page: Page | undefined;
  return () => (page ??= { status: 200, headers: { ...HEADERS, 'Content-Type': type }, body: readFileSync(new URL(name, BUILT)) });
}
