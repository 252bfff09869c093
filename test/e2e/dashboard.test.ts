/** The page that operators open first: in a real browser, at a real server. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { openTab, startBrowser, type Tab } from '../helpers/browser.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startLoad } from '../helpers/load.ts';
import { APPS } from '../helpers/paths.ts';
import { requires } from '../helpers/requirements.ts';
import { type Server, startServer } from '../helpers/server.ts';
import { shared } from '../helpers/shared.ts';
import { tempDir } from '../helpers/temp.ts';

const SERVE = `--http 127.0.0.1:0 -M -p 2 --threads 2 -L --stats-http --wsgi-file ${join(APPS, 'watched.py')}`;
const TOKEN = 'a1b2c3d4e5f60718';
/** What somebody sends who hopes that an operator's browser will run it. */
const MARKUP = '<img src=x onerror="hacked=1"><script>hacked=1</script>';

// At the same time: they mostly wait.
describe('the dashboard', { concurrency: 2, skip: requires('chromium') }, () => {
  const browser = shared(startBrowser);

  test('shows a server live: its load, a worker that is replaced, that it is gone, and that it is back', async (t) => {
    const first = await startServer(t, `${SERVE} --stats 127.0.0.1:0`);
    const stats = first.address('stats');
    const tab = await openTab(browser(), stats, { viewport: { width: 1440, height: 900 } });
    await tab.page.getByText('All is well').waitFor();
    const charts = await picturesOf(tab);
    assert.equal(charts.length, 4);

    const load = startLoad(t, first.address('http'), { path: '/?0.005', speak: 'keep-alive' });
    const slow = fetchOnce(first.address('http'), '/report?2.5');
    await eventually('the rate is told', async () => Number(await figureOf(tab, 'Requests/s')) > 10);
    await tab.page.locator('#running').getByText('/report?2.5').waitFor();
    for (const [nth, before] of charts.slice(0, 3).entries()) {
      await eventually(`chart ${nth} moves`, async () => (await picturesOf(tab))[nth] !== before);
    }

    const pid = first.workerPid(1);
    process.kill(pid, 'SIGKILL');
    const worker = tab.page.locator('[data-worker="1"]');
    await worker.getByText(`was pid ${pid}`).waitFor();
    assert.match(await worker.innerText(), /replaced \d+ s ago/);
    assert.ok(!(await worker.locator('.pid').innerText()).includes(String(pid)));
    await tab.photograph('dashboard-light');
    assert.deepEqual(tab.faults, []);

    await Promise.all([load.stop(), slow.catch(() => undefined)]);
    await first.stop('SIGTERM');
    await tab.page.getByText('No answer').waitFor();
    const { port } = stats as Extract<Address, { port: number }>;
    await startServer(t, `${SERVE} --stats 127.0.0.1:${port}`);
    await tab.page.getByText('All is well').waitFor();
  });

  test('markup of clients stays text, wherever it comes up', async (t) => {
    const server = await startServer(t, `${SERVE} --stats 127.0.0.1:0 --slow-request 1`);
    const tab = await openTab(browser(), server.address('stats'));
    await fetchOnce(server.address('http'), '/fail', { headers: { 'User-Agent': MARKUP } });
    const slow = fetchOnce(server.address('http'), `/x?2.5&${MARKUP.replaceAll(' ', '+')}`);
    await tab.page.locator('#running .uri').getByText('<script>hacked=1</script>').waitFor();
    for (const feed of ['errors', 'slow']) {
      await tab.page.locator(`#${feed} summary`).first().click();
    }
    await tab.page.locator('#errors pre').getByText(`nothing for ${MARKUP}`).waitFor();
    await tab.page.locator('#slow').getByText('<script>hacked=1</script>').waitFor();
    assert.match(await tab.page.locator('#slow pre').innerText(), /watched\.py/);
    await tab.photograph('dashboard-feeds');
    assert.equal(await tab.page.evaluate('document.querySelectorAll("main img, main script").length'), 0);
    assert.equal(await tab.page.evaluate('typeof hacked'), 'undefined');
    assert.deepEqual(tab.faults, []);
    await slow;
  });

  test('fits a phone, in the dark and by day', async (t) => {
    const server = await startServer(t, `${SERVE} --stats 127.0.0.1:0`);
    const tab = await openTab(browser(), server.address('stats'), {
      viewport: { width: 360, height: 740 },
      isMobile: true,
      hasTouch: true,
      colorScheme: 'dark',
    });
    await tab.page.getByText('All is well').waitFor();
    await tab.page.getByText('All figures of the workers').click();
    assert.equal(await tab.page.evaluate('document.documentElement.scrollWidth'), 360);
    assert.ok((await brightnessOf(tab)) < 50);
    await tab.photograph('dashboard-phone-dark');
    await tab.page.getByLabel('Colours').selectOption('light');
    assert.ok((await brightnessOf(tab)) > 200);
    await tab.page.reload();
    assert.ok((await brightnessOf(tab)) > 200, 'the choice is kept');
    await tab.page.setViewportSize({ width: 1440, height: 900 });
    await tab.page.getByLabel('Colours').selectOption('dark');
    await tab.page.getByText('All is well').waitFor();
    await tab.photograph('dashboard-dark');
    assert.deepEqual(tab.faults, []);
  });

  test('without a token it only reads', async (t) => {
    const server = await startServer(t, `${SERVE} --stats 127.0.0.1:0`);
    const tab = await openTab(browser(), server.address('stats'));
    await tab.page.getByText('All is well').waitFor();
    for (const name of ['Reload', 'Sign in', 'Sign out']) assert.equal(await tab.page.getByRole('button', { name }).isVisible(), false);
    const { status, text } = await fetchOnce(server.address('stats'), '/reload', {
      method: 'POST',
      body: '',
      headers: { Origin: tab.url },
    });
    assert.deepEqual([status, text], [403, 'this server takes no orders here: it has no stats-token\n']);
  });

  test('with a token it tells nothing before that is given, and then reloads when it is asked to', async (t) => {
    const cwd = tempDir(t, {
      'app.py': 'def application(environ, start_response):\n    start_response("200 OK", [])\n    return [b"1"]\n',
    });
    const words = `--http 127.0.0.1:0 -M -p 1 --stats 127.0.0.1:0 --stats-http --stats-token ${TOKEN} --wsgi-file app.py`;
    const server = await startServer(t, words, { cwd });
    const tab = await openTab(browser(), server.address('stats'));
    await signIn(tab, 'a token that is wrong');
    await tab.page.getByText('this is not the token of this server').waitFor();
    assert.equal(await tab.page.locator('#map li').count(), 0);
    await signIn(tab, TOKEN);
    await tab.page.getByText('All is well').waitFor();
    await foreignersAreRefused(server, tab);

    const pid = server.workerPid(1);
    await reload(tab);
    await tab.page.getByText(/Done: reloaded/).waitFor();
    assert.notEqual(server.workerPid(1), pid);
    writeFileSync(join(cwd, 'app.py'), 'import nothing_of_that_name\n');
    await reload(tab);
    await tab.page.getByText(/The reload failed: .*nothing_of_that_name/).waitFor();
    await tab.page.getByRole('button', { name: 'Sign out' }).click();
    await tab.page.getByRole('button', { name: 'Sign in' }).first().waitFor();
    assert.deepEqual(await tab.page.context().cookies(), []);
  });
});

describe('the pages of the dashboard', () => {
  const server = shared((scope) => startServer(scope, `${SERVE} --stats 127.0.0.1:0`));

  test('are for browsers; everybody else reads the statistics at / as before', async () => {
    const stats = server().address('stats');
    const browsers = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    for (const { path, accept, type } of [
      { path: '/', accept: browsers, type: 'text/html; charset=utf-8' },
      { path: '/', accept: '*/*', type: 'application/json' },
      { path: '/', accept: undefined, type: 'application/json' },
      { path: '/dashboard', accept: '*/*', type: 'text/html; charset=utf-8' },
      { path: '/stats.json', accept: browsers, type: 'application/json' },
      { path: '/history', accept: undefined, type: 'application/json' },
    ]) {
      const { status, header } = await fetchOnce(stats, path, { headers: accept === undefined ? {} : { Accept: accept } });
      assert.deepEqual([status, header('content-type')], [200, type], `${path} for ${String(accept)}`);
    }
  });

  test('let browsers load nothing from elsewhere, run nothing that is no file, and show them in no frame', async () => {
    const { header } = await fetchOnce(server().address('stats'), '/dashboard');
    const policy = header('content-security-policy') ?? '';
    for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
      assert.ok(policy.split('; ').includes(rule), rule);
    }
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.deepEqual([header('x-content-type-options'), header('referrer-policy')], ['nosniff', 'no-referrer']);
  });
});

/** Each chart as a data URL. */
function picturesOf({ page }: Tab): Promise<string[]> {
  return page.evaluate('[...document.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL())');
}

function figureOf({ page }: Tab, label: string): Promise<string> {
  return page
    .locator('.figure', { has: page.getByText(label, { exact: true }) })
    .locator('.value')
    .innerText();
}

/** Of the ground, 0 to 255. */
async function brightnessOf({ page }: Tab): Promise<number> {
  const colour = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  return Math.max(...[...colour.matchAll(/\d+/g)].map(Number));
}

async function signIn({ page }: Tab, token: string): Promise<void> {
  await page.getByLabel('The value of stats-token').fill(token);
  await page.locator('#sign-in').getByRole('button', { name: 'Sign in' }).click();
}

async function reload({ page }: Tab): Promise<void> {
  await page.getByRole('button', { name: 'Reload', exact: true }).click();
  await page.getByRole('button', { name: 'Reload now' }).click();
}

/** Another page could have this browser send its cookie, but not say that it is ours. */
async function foreignersAreRefused(server: Server, { page, url }: Tab): Promise<void> {
  const [cookie] = await page.context().cookies();
  assert.ok(cookie);
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, 'Strict']);
  const ask = async (origin: string | undefined) => {
    const headers = { Host: new URL(url).host, Cookie: `${cookie.name}=${cookie.value}`, ...(origin !== undefined && { Origin: origin }) };
    return (await fetchOnce(server.address('stats'), '/reload', { method: 'POST', body: '', headers })).status;
  };
  for (const origin of ['http://evil.example', 'http://127.0.0.1:1', 'null', undefined]) assert.equal(await ask(origin), 403, origin);
  assert.equal((await fetchOnce(server.address('stats'), '/reload')).status, 405);
}
