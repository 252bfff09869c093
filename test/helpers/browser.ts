import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Address } from './address.ts';
import { ROOT } from './paths.ts';
import { onEnd, type Scope } from './scope.ts';

/** Debian's, and not one that playwright would download. */
const CHROMIUM = '/usr/bin/chromium';
/** For people to look at; git ignores it. */
const SCREENSHOTS = join(ROOT, 'test/screenshots');

/** A page in a real browser, and what it should never do. */
export interface Tab {
  readonly page: Page;
  readonly url: string;
  /** Errors of scripts and of the console, and requests to anybody but the server. */
  readonly faults: readonly string[];
  /** Keeps a picture of the whole page. */
  photograph(name: string): Promise<void>;
}

/** A browser without a window; closed with the scope. */
export async function startBrowser(scope: Scope): Promise<Browser> {
  // Chromium's sandbox refuses to work for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  onEnd(scope, () => browser.close());
  return browser;
}

/** Opens an address of HTTP as somebody who has never been there. */
export async function openTab(browser: Browser, address: Address, options: BrowserContextOptions = {}): Promise<Tab> {
  if (!('port' in address)) throw new Error('browsers know no Unix sockets');
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const url = `http://${address.host}:${String(address.port)}/`;
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) faults.push(`request to ${request.url()}`);
  });
  await page.goto(url);
  return {
    page,
    url,
    faults,
    photograph: async (name) => {
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
    },
  };
}
