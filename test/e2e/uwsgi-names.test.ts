/** Every name of the module `uwsgi`, beside real uWSGI: whether it is there, and what it answers to calls that do no harm. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Address } from '../helpers/address.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';

const ORACLE = { skip: requires('uwsgi', 'uwsgi-plugin-python3') };
const APP = '--wsgi-file uwsgi-names.py';

type Names = Readonly<Record<'at import' | 'in a request', Readonly<Record<string, boolean>>>>;
interface Outcome {
  readonly gives?: string;
  readonly raises?: string;
  readonly text?: string;
}

const ask = async <Answer>(address: Address, path: string): Promise<Answer> => JSON.parse((await fetchOnce(address, path)).text) as Answer;

/** uWSGI takes a head of 4096 bytes, so few are asked for at a time. */
const AT_A_TIME = 10;

async function outcomesOf(address: Address, calls: readonly string[]): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for (let at = 0; at < calls.length; at += AT_A_TIME) {
    found.push(...(await ask<Outcome[]>(address, `/?${encodeURIComponent(JSON.stringify(calls.slice(at, at + AT_A_TIME)))}`)));
  }
  return found;
}

/** An answer without what belongs to the one or the other server. */
const comparable = ({ gives, raises }: Outcome): string => gives ?? `raises ${raises}`;

/** What gives the same in both. */
const SAME = [
  ...['uwsgi.accepting()', 'uwsgi.accepting(1)', 'uwsgi.accepting("x")'],
  ...['uwsgi.alarm()', 'uwsgi.alarm("disk", "full")', 'uwsgi.alarm(b"disk", b"full")'],
  ...['uwsgi.add_cron()', 'uwsgi.add_cron("x", -1, -1, -1, -1, -1)', 'uwsgi.add_cron(9, 0, 0, 31, 12, -1)'],
  ...['uwsgi.add_file_monitor()', 'uwsgi.add_file_monitor(9, "/nowhere")', 'uwsgi.add_file_monitor(9, 2)'],
  ...[
    'uwsgi.add_timer()',
    'uwsgi.add_timer(9, 1000)',
    'uwsgi.add_timer(9, "x")',
    'uwsgi.add_rb_timer(9, 1000, 2)',
    'uwsgi.add_rb_timer(9)',
  ],
  ...['uwsgi.register_signal()', 'uwsgi.register_signal(9, "worker1", len)', 'uwsgi.register_signal("x", "", len)'],
  ...['uwsgi.signal()', 'uwsgi.signal("x")', 'uwsgi.signal(77)', 'uwsgi.signal_registered(9)', 'uwsgi.signal_registered(99)'],
  ...['uwsgi.signal_registered()', 'uwsgi.signal_received()', 'uwsgi.signal_wait("x")'],
  ...['uwsgi.async_sleep()', 'uwsgi.async_sleep(0)', 'uwsgi.async_sleep("x")', 'uwsgi.suspend()', 'uwsgi.green_schedule()'],
  ...['uwsgi.wait_fd_read(0)', 'uwsgi.wait_fd_write(1, 1)', 'uwsgi.ready_fd()'],
  ...['uwsgi.connect()', 'uwsgi.connect("/nowhere.sock")', 'uwsgi.connect("127.0.0.1:1", 1)', 'uwsgi.connect(b"/nowhere.sock")'],
  ...[
    'uwsgi.async_connect()',
    'uwsgi.recv()',
    'uwsgi.recv(99)',
    'uwsgi.recv(99, 10)',
    'uwsgi.recv("x")',
    'uwsgi.send()',
    'uwsgi.send(99, b"x")',
  ],
  ...['uwsgi.close()', 'uwsgi.close(99)', 'uwsgi.close("x")', 'uwsgi.is_connected()', 'uwsgi.is_connected(99)', 'uwsgi.is_connected("x")'],
  ...['uwsgi.extract()', 'uwsgi.extract(FOLDER + "/hello.py")', 'uwsgi.extract(b"x")'],
  ...['uwsgi.parsefile()', 'uwsgi.parsefile("/nowhere")', 'uwsgi.parsefile(FOLDER + "/hello.py")', 'uwsgi.parsefile(1)'],
  ...['uwsgi.get_logvar()', 'uwsgi.get_logvar("x")', 'uwsgi.get_logvar(1)', 'uwsgi.set_logvar("x")', 'uwsgi.set_logvar("x", 1)'],
  ...['uwsgi.i_am_the_lord()', 'uwsgi.i_am_the_lord("x")', 'uwsgi.i_am_the_lord(1)', 'uwsgi.lord_scroll()', 'uwsgi.lord_scroll("x")'],
  ...['uwsgi.scrolls()', 'uwsgi.scrolls("x")', 'uwsgi.i_am_the_spooler()', 'uwsgi.in_farm()', 'uwsgi.in_farm("x")', 'uwsgi.in_farm(1)'],
  ...[
    'uwsgi.lock(7)',
    'uwsgi.lock("x")',
    'uwsgi.lock(1, 2)',
    'uwsgi.unlock()',
    'uwsgi.unlock(7)',
    'uwsgi.is_locked()',
    'uwsgi.is_locked("x")',
  ],
  ...['uwsgi.listen_queue(7)', 'uwsgi.listen_queue("x")', 'uwsgi.log_this_request()', 'uwsgi.log()', 'uwsgi.log(1)', 'uwsgi.log("a", "b")'],
  ...['uwsgi.mule_msg("x")', 'uwsgi.mule_msg("x", 1)', 'uwsgi.mule_get_msg()', 'uwsgi.farm_get_msg()', 'uwsgi.mule_id()'],
  ...['uwsgi.register_rpc()', 'uwsgi.register_rpc("n")', 'uwsgi.register_rpc(b"n", len)', 'uwsgi.rpc_list()'],
  ...['uwsgi.rpc(None, b"join", b"1", b"2")', 'uwsgi.rpc("", b"join")', 'uwsgi.rpc(b"", b"join", b"1")', 'uwsgi.call(b"join", b"1")'],
  ...[
    'uwsgi.rpc(None, "join")',
    'uwsgi.rpc(None, b"join", "1")',
    'uwsgi.call("join")',
    'uwsgi.rpc(None, b"text")',
    'uwsgi.rpc(None, b"fails")',
  ],
  ...['uwsgi.rpc(None, b"none")', 'uwsgi.call(b"none")'],
  ...['uwsgi.sendfile()', 'uwsgi.set_user_harakiri()', 'uwsgi.set_user_harakiri("x")', 'uwsgi.set_user_harakiri(0)'],
  ...['uwsgi.setprocname()', 'uwsgi.setprocname(1)', 'uwsgi.start_response()', 'uwsgi.embedded_data("x")'],
  ...['(uwsgi.SPOOL_OK, uwsgi.SPOOL_RETRY, uwsgi.SPOOL_IGNORE)', 'type(uwsgi.SymbolsImporter)', 'type(uwsgi.ZipImporter)'],
  ...[
    'uwsgi.spool',
    'uwsgi.queue_push',
    'uwsgi.sharedarea_read',
    'uwsgi.snmp_set_community',
    'uwsgi.trylock',
    'uwsgi.mode',
    'uwsgi.pidfile',
  ],
];

/** What is refused here, whatever uWSGI does: the reason and the remedy are in docs/uwsgi-module.md. */
const REFUSED: Readonly<Record<string, string>> = {
  'uwsgi.add_var("A", "B")': 'NotImplementedError',
  'uwsgi.route("log", "x")': 'NotImplementedError',
  'uwsgi.set_warning_message("x")': 'NotImplementedError',
  'uwsgi.websocket_handshake()': 'NotImplementedError',
  'uwsgi.websocket_recv()': 'NotImplementedError',
  'uwsgi.websocket_recv_nb()': 'NotImplementedError',
  'uwsgi.websocket_send("x")': 'NotImplementedError',
  'uwsgi.websocket_send_binary(b"x")': 'NotImplementedError',
  'uwsgi.farm_msg("a", "b")': 'ValueError',
  'uwsgi.SymbolsImporter()': 'NotImplementedError',
  'uwsgi.SymbolsZipImporter("x")': 'NotImplementedError',
  'uwsgi.ZipImporter("x")': 'NotImplementedError',
  'uwsgi.rpc("127.0.0.1:1", b"x")': 'NotImplementedError',
  'uwsgi.signal(1, "127.0.0.1:1")': 'NotImplementedError',
  'uwsgi.extract("http://example.invalid/")': 'NotImplementedError',
};

/** Caches and metrics have a test of their own. */
const isElsewhere = (name: string) => /^(cache|metric)_/.test(name);

/** With options that give uWSGI more names. */
const OPTIONS = '--mode test --queue 10 --sharedarea 1';

describe('the names', () => {
  for (const { what, flags } of [
    { what: 'of a plain server', flags: '' },
    { what: 'with options that bring more of them', flags: OPTIONS },
  ]) {
    test(`are uWSGI's, at the import and in a request, ${what}`, ORACLE, async (t) => {
      const line = `--http-socket 127.0.0.1:0 -M -p 1 ${APP} ${flags}`.trim();
      const ours = await ask<Names>((await startServer(t, line)).address('http-socket'), '/names');
      const theirs = await ask<Names>((await startUwsgi(t, line)).address, '/names');
      for (const where of ['at import', 'in a request'] as const) {
        const { queue_size: size, ...expected } = Object.fromEntries(Object.entries(theirs[where]).filter(([name]) => !isElsewhere(name)));
        assert.equal(size === undefined, flags === '');
        const { __version__: version, ...found } = Object.fromEntries(Object.entries(ours[where]).filter(([name]) => !isElsewhere(name)));
        assert.equal(version, false);
        assert.deepEqual(found, expected, where);
      }
    });
  }
});

describe('calls', () => {
  for (const flags of ['-M -p 1', '-M -p 1 --threads 2']) {
    test(`that do no harm end as in uWSGI (${flags})`, ORACLE, async (t) => {
      const line = `--http-socket 127.0.0.1:0 ${flags} ${APP}`;
      const ours = await outcomesOf((await startServer(t, line)).address('http-socket'), SAME);
      const theirs = await outcomesOf((await startUwsgi(t, line)).address, SAME);
      assert.deepEqual(table(SAME, ours), table(SAME, theirs));
    });
  }

  test('of what is not there name the function and what serves instead, in a request and before the fork', async (t) => {
    const calls = Object.keys(REFUSED);
    const server = await startServer(t, `--http-socket 127.0.0.1:0 -M -p 1 ${APP}`, { env: { CALLS: JSON.stringify(calls) } });
    const address = server.address('http-socket');
    const atImport = Object.values(await ask<Record<string, Outcome>>(address, '/at-import'));
    for (const found of [atImport, await outcomesOf(address, calls)]) {
      assert.deepEqual(
        found.map(({ raises }) => raises),
        Object.values(REFUSED),
      );
      for (const [nth, { text = '' }] of found.entries()) {
        const name = calls[nth]?.split('(')[0];
        assert.ok(text.startsWith(`${name}(): `) && text.includes('; '), text);
      }
    }
  });

  test('of what an option brings in uWSGI name it, whether it is given or not', async (t) => {
    const names = ['spool', 'queue_push', 'sharedarea_read', 'snmp_set_community'];
    const calls = names.map((name) => `uwsgi.${name}()`);
    const without = await startServer(t, `--http-socket 127.0.0.1:0 -M -p 1 ${APP}`);
    for (const [nth, { raises, text = '' }] of (await outcomesOf(without.address('http-socket'), calls)).entries()) {
      assert.equal(raises, 'AttributeError');
      assert.match(text, new RegExp(`^uwsgi\\.${names[nth]} is there with the option \\w+ of uWSGI; here .*: use|read`));
    }
    const given = await startServer(t, `--http-socket 127.0.0.1:0 -M -p 1 ${APP} --spooler /nowhere --queue 5 --sharedarea 1 --snmp`);
    for (const [nth, { raises, text = '' }] of (await outcomesOf(given.address('http-socket'), calls)).entries()) {
      assert.equal(raises, 'NotImplementedError');
      assert.match(text, new RegExp(`^uwsgi\\.${names[nth]}\\(\\): there (is|are) no .*; `));
    }
  });
});

function table(calls: readonly string[], outcomes: readonly Outcome[]): Readonly<Record<string, string>> {
  return Object.fromEntries(calls.map((call, nth) => [call, comparable(outcomes[nth] ?? {})]));
}
