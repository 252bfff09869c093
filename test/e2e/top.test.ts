/** The live view in a real terminal, and what it prints elsewhere. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { formatAddress, freePort, refusingPort } from '../helpers/address.ts';
import { HttpConnection } from '../helpers/http.ts';
import { startLoad } from '../helpers/load.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { requires } from '../helpers/requirements.ts';
import type { Scope } from '../helpers/scope.ts';
import { runServer, SERVER, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { PROMPT, Terminal } from '../helpers/terminal.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

const USUAL = { columns: 80, rows: 24 };
const LIVE = { skip: requires('tmux') };
/** What colours begin with. */
const ESCAPE = '\u001B[';
const TOP = [...SERVER, 'top'].join(' ');

describe('the live view', LIVE, () => {
  test('shows what happens, fits, obeys its keys, and waits for a server that goes', async (t) => {
    const stats = `127.0.0.1:${String(await freePort())}`;
    const words = `--socket 127.0.0.1:0 -M -p 2 --threads 2 --stats ${stats} -L --wsgi-file sleep.py`;
    const server = await startServer(t, words);
    const load = startLoad(t, server.address('uwsgi'), { path: '/fast?0', speak: 'uwsgi', clients: 1 });
    const slow = uwsgiRequest(server.address('uwsgi'), '/slow?30', { vars: { REQUEST_URI: `/slow\u001B[31m<b>${'x'.repeat(200)}` } });
    // Its server will be stopped below.
    const lost = assert.rejects(slow);
    const terminal = await Terminal.open(t, USUAL);
    await terminal.enter(`${TOP} ${stats} --interval 0.2`);

    const first = await terminal.shows(/^ +\d+ req\/s .*busy [12]\/4/m);
    assert.match(first, new RegExp(`^ \\S+ \\S+ .*pid ${String(server.pid)}  ${stats}`));
    assert.match(first, /^ {4}1 +\d+ (?:busy|idle) +\d+ .* \d\/2$/m);
    assert.match(first, /^ +[\d.]+m?s +\d:\d {2}GET {5}\/slow%1B\[31m<b>x{40}…$/m);
    assert.deepEqual(await terminal.modes(), { alternate: true, cursor: false, wrap: false });

    await terminal.press('a');
    await terminal.shows(/^ {2}1:0 /m);
    await terminal.press('a', '>', '>', '>');
    await terminal.shows(/^ {4}\d .*\n {2}\d:\d (?:.*\n)+ every 0\.2s, by REQ {2}q quit/m);
    await terminal.resize({ columns: 120, rows: 30 });
    await terminal.shows(/REQ\/S {3}EXC {2}HRK .*\n(?:.*\n){20,} every .* \+ - speed/);
    await terminal.resize({ columns: 50, rows: 10 });
    await terminal.shows(/^ every 0\.2s, by REQ {2}q quit {2}\? keys {2}a cores\n*$/m);
    await terminal.resize(USUAL);

    await load.stop();
    await server.stop('SIGINT');
    await lost;
    await terminal.shows(new RegExp(`^ .* GONE .*\\n(?:.*\\n)* ${stats}: nothing listens there; trying again`));
    const next = await startServer(t, words);
    await terminal.shows(new RegExp(`^ .* pid ${String(next.pid)}\\b`));
    startLoad(t, next.address('uwsgi'), { path: '/fast?0', speak: 'uwsgi', clients: 1 });
    await terminal.shows(/^ [1-9]\d* req\/s /m);
    await terminal.press('q');
    await terminal.shows(PROMPT);
    assert.deepEqual(await terminal.modes(), { alternate: false, cursor: true, wrap: true });
  });

  test('gives the terminal back, however it ends, and at Ctrl-Z until it goes on', async (t) => {
    const { terminal, open, pid } = await atServer(t);
    const IS_OPEN = { alternate: true, cursor: false, wrap: false };
    const IS_BACK = { alternate: false, cursor: true, wrap: true };
    for (const { leave, status } of [
      { leave: () => terminal.press('C-c'), status: 0 },
      { leave: () => process.kill(pid(), 'SIGTERM'), status: 143 },
      { leave: () => process.kill(pid(), 'SIGHUP'), status: 129 },
    ]) {
      await open();
      assert.deepEqual(await terminal.modes(), IS_OPEN);
      await leave();
      await terminal.shows(PROMPT);
      await terminal.enter('status=$?; clear; echo "status $status: $(stty -a | grep -ow "[-]*icanon\\|[-]*echo" | tr "\\n" " ")"');
      await terminal.shows(new RegExp(`^status ${String(status)}: icanon echo$`, 'm'));
      assert.deepEqual(await terminal.modes(), IS_BACK);
    }
    await open();
    await terminal.press('C-z');
    await terminal.shows(/Stopped .*top/);
    assert.deepEqual(await terminal.modes(), IS_BACK);
    await terminal.enter('fg');
    await terminal.shows(/^ every 1s, by ID/m);
    assert.deepEqual(await terminal.modes(), IS_OPEN);
    await terminal.press('q');
    await terminal.shows(PROMPT);
  });

  test('has colours, but not with NO_COLOR', async (t) => {
    const { terminal, open } = await atServer(t);
    await open();
    assert.ok((await terminal.screen('-e')).includes(ESCAPE));
    await terminal.press('q');
    await terminal.shows(PROMPT);
    await open('NO_COLOR=1');
    assert.ok(!(await terminal.screen('-e')).includes(ESCAPE));
  });
});

/** A shell beside a new server, and how to open the view of it there, with these variables. */
async function atServer(t: Scope) {
  const dir = tempDir(t);
  const server = await startServer(t, `--socket 127.0.0.1:0 -M --pidfile ${dir}/server.pid -L --wsgi-file hello.py`);
  const terminal = await Terminal.open(t, USUAL);
  const open = async (variables = '') => {
    await terminal.enter(`${variables} sh -c 'echo $$ > ${dir}/top.pid; exec ${TOP} ${dir}/server.pid'`);
    await terminal.shows(new RegExp(`pid ${String(server.pid)}\\b(?:.*\\n)+ every 1s, by ID`));
  };
  return { terminal, open, pid: () => Number(readFileSync(`${dir}/top.pid`, 'utf8')) };
}

describe('a frame', () => {
  const top = (t: Scope, words: string, env: Readonly<Record<string, string>> = {}) =>
    runServer(t, `top ${words} --once --interval 0.3`, { env });

  test('is printed where there is no terminal, without colours and keys', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 -M -p 2 --threads 2 --stats 127.0.0.1:0 --wsgi-file hello.py');
    const load = startLoad(t, server.address('http'), { clients: 1 });
    await load.good(5);
    for (const word of [formatAddress(server.address('stats')), String(server.pid)]) {
      const { stdout, stderr, status } = await top(t, word);
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /^ [1-9]\d* req\/s {2}busy \d\/4 /m);
      assert.match(stdout, /^ {3}ID +PID STATE +REQ REQ\/S .*\n {4}1 .*\n {4}2 .*\n\n/m);
      assert.ok(!stdout.includes(ESCAPE) && !stdout.includes('q quit'), stdout);
      for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
    }
  });

  test('comes over HTTP as well, with the token where one is wanted', async (t) => {
    const token = 'a-token-of-some-length';
    const server = await startServer(
      t,
      `--http 127.0.0.1:0 -M --stats 127.0.0.1:0 --stats-http --stats-token ${token} --wsgi-file hello.py`,
    );
    const address = formatAddress(server.address('stats'));
    for (const word of [address, `http://${address}/`]) {
      const { stdout, output } = await top(t, word, { TSUWSGI_STATS_TOKEN: token });
      assert.match(stdout, new RegExp(`^ .* pid ${String(server.pid)} `), output);
    }
    const { status, stderr } = await top(t, address);
    assert.equal(status, 1);
    assert.match(stderr, /wants the token of the option "stats-token"\n {2}Try this: .*TSUWSGI_STATS_TOKEN/);
  });

  test('has what uWSGI tells', { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, async (t) => {
    const stats = join(tempDir(t), 'stats.sock');
    const peer = await startUwsgi(t, `-M -p 2 --threads 2 --http-socket 127.0.0.1:0 --stats ${stats} --wsgi-file sleep.py`);
    await peer.child.line(/Stats server enabled/);
    const connection = await HttpConnection.open(peer.address);
    connection.sendRaw('GET /while?5 HTTP/1.1\r\nHost: a\r\nX-Escape: \u001B[2J\r\n\r\n');
    await peer.child.line(/^began \/while/);
    const { stdout, output } = await top(t, stats);
    connection.close();
    assert.match(stdout, new RegExp(`^ uwsgi 2\\.\\S+ .* pid ${String(peer.pid)} `), output);
    assert.match(stdout, /^ 0 req\/s {2}busy 1\/4 {2}queue 0/m);
    assert.match(stdout, / {2}\d:\d {2}GET {5}\/while\?5$/m);
  });

  test('needs a terminal to live in', async (t) => {
    const { status, stderr } = await runServer(t, 'top');
    assert.equal(status, 1);
    assert.match(stderr, /needs a terminal: add --once/);
    assert.match((await runServer(t, 'top --once --interval soon')).stderr, /--interval takes seconds from 0\.1 to 3600, not "soon"/);
  });
});

describe('the command stats', () => {
  test('prints the document of an address, and tables for people', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 -M -p 2 --stats 127.0.0.1:0 --wsgi-file hello.py');
    const address = formatAddress(server.address('stats'));
    const { stdout } = await runServer(t, `stats ${address}`);
    assert.match(stdout, /^\{\n\t"version":"/);
    assert.equal((JSON.parse(stdout) as { pid: number }).pid, server.pid);
    const { stdout: table } = await runServer(t, `stats --table ${String(server.pid)}`);
    assert.match(table, /^ .*\n.*\n 2 workers {2}0 requests .*\n\n {3}ID +PID STATE +REQ +EXC .*\n {4}1 .*\n {4}2 /);
    assert.doesNotMatch(table, /REQ\/S/);
  });

  test('says what is wrong with an address', async (t) => {
    const server = await startServer(t, '--http 127.0.0.1:0 -M --wsgi-file hello.py');
    const address = formatAddress(server.address('http'));
    const { status, stderr } = await runServer(t, `stats ${address}`);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`^tsuwsgi: ${address} answers no JSON: ".*"\n {2}Try this: name .* the address of its option "stats"`));
    const { stderr: nobody } = await runServer(t, `stats 127.0.0.1:${String(await refusingPort(t))}`);
    assert.match(nobody, /nothing listens there\n {2}Try this: /);
  });
});
