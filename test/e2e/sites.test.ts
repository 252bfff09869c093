/** Several applications on one server, each with workers of its own. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { StatsDocument } from '../../src/core/stats/document.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { runServer, type Server, startServer } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';
import { tempDir } from '../helpers/temp.ts';

/** Says which module `shared` it has found, and who runs it. */
const application = (name: string): string => `
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ${JSON.stringify(name)}))
import shared

def application(environ, start_response):
    if environ["PATH_INFO"] == "/die":
        os._exit(9)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{shared.NAME} {environ['SCRIPT_NAME']} {os.getpid()}".encode()]
`;

/** Two applications whose modules clash. */
const CLASHING = {
  'a.py': application('a'),
  'a/shared.py': 'NAME = "a"',
  'b.py': application('b'),
  'b/shared.py': 'NAME = "b"',
};
const LINE = '--http 127.0.0.1:0 --stats 127.0.0.1:0 --master --manage-script-name --mount /a=a.py --mount /b=b.py';

const ask = async (server: Server, path: string) => fetchOnce(server.address('http'), path);

const workersOf = async (server: Server): Promise<StatsDocument['workers']> => (await statsOf(server.address('stats'))).workers;

describe('applications of mount', () => {
  test('have modules of the same name each for itself, and workers with ids in one row', async (t) => {
    const server = await startServer(t, `${LINE} -p 2`, { cwd: tempDir(t, CLASHING) });
    assert.match((await ask(server, '/a/x')).text, /^a \/a \d+$/);
    assert.match((await ask(server, '/b/x')).text, /^b \/b \d+$/);
    assert.deepEqual(
      (await workersOf(server)).map(({ id, apps }) => [id, apps[0]?.mountpoint]),
      [
        [1, '/a'],
        [2, '/a'],
        [3, '/b'],
        [4, '/b'],
      ],
    );
    assert.ok(server.log.includes('ready: 4 workers'));
  });

  test('share workers and modules with single-interpreter', async (t) => {
    const server = await startServer(t, `${LINE} --single-interpreter`, { cwd: tempDir(t, CLASHING) });
    const [a, b] = [(await ask(server, '/a')).text.split(' '), (await ask(server, '/b')).text.split(' ')];
    assert.deepEqual([a[0], b[0], a[2]], ['a', 'a', b[2]]);
  });

  test('die and are replaced apart from each other', async (t) => {
    const server = await startServer(t, LINE, { cwd: tempDir(t, CLASHING) });
    const before = (await ask(server, '/b')).text;
    assert.equal((await ask(server, '/a/die')).status, 502);
    assert.match((await ask(server, '/a')).text, /^a /);
    assert.equal((await ask(server, '/b')).text, before);
    await server.line(/\/a: worker 1 \(pid \d+\) ended with status 9; replacing it/);
  });

  test('one that cannot be loaded answers 500, and the others serve', async (t) => {
    const server = await startServer(t, LINE, { cwd: tempDir(t, { ...CLASHING, 'a.py': '1 // 0' }) });
    assert.equal((await ask(server, '/a')).status, 500);
    assert.match((await ask(server, '/b')).text, /^b /);
  });

  test('none that can be loaded is a failure', async (t) => {
    const { status, stderr } = await runServer(t, LINE, { cwd: tempDir(t, { 'a.py': '1 // 0', 'b.py': '1 // 0' }) });
    assert.equal(status, 22);
    assert.match(stderr, /none of the applications could be loaded/);
  });
});

describe('a reload of several applications', () => {
  const INI = `[uwsgi]\nhttp = 127.0.0.1:0\nstats = 127.0.0.1:0\nmaster = true\nmanage-script-name = true\nmount = /a=a.py\n`;

  test('is one: where the new code of one is broken, all go on with the old', async (t) => {
    const cwd = tempDir(t, CLASHING);
    const server = await startServer(t, LINE, { cwd });
    const before = [(await ask(server, '/a')).text, (await ask(server, '/b')).text];
    writeFileSync(join(cwd, 'b.py'), '1 // 0');
    const { status, stderr } = await runServer(t, `reload ${server.pid}`);
    assert.equal(status, 1);
    assert.match(stderr, /the reload failed, the old workers go on serving/);
    assert.deepEqual([(await ask(server, '/a')).text, (await ask(server, '/b')).text], before);
    writeFileSync(join(cwd, 'b.py'), CLASHING['b.py']);
    assert.equal((await runServer(t, `reload ${server.pid}`)).stdout, 'reloaded: 2 new workers serve\n');
    assert.notEqual((await ask(server, '/a')).text, before[0]);
    assert.notEqual((await ask(server, '/b')).text, before[1]);
  });

  test('is not held up by one that was broken before', async (t) => {
    const cwd = tempDir(t, { ...CLASHING, 'a.py': '1 // 0' });
    const server = await startServer(t, LINE, { cwd });
    assert.equal((await runServer(t, `reload ${server.pid}`)).stdout, 'reloaded: 2 new workers serve\n');
    writeFileSync(join(cwd, 'a.py'), CLASHING['a.py']);
    await runServer(t, `reload ${server.pid}`);
    assert.match((await ask(server, '/a')).text, /^a /);
  });

  test('takes in what was added to the configuration, and lets go what was taken out', async (t) => {
    const cwd = tempDir(t, { ...CLASHING, 'app.ini': INI });
    const server = await startServer(t, 'app.ini', { cwd });
    assert.match((await ask(server, '/b')).text, /^a /, 'the only one answers everything');
    writeFileSync(join(cwd, 'app.ini'), `${INI}mount = /b=b.py\n`);
    await runServer(t, `reload ${server.pid}`);
    assert.match((await ask(server, '/b')).text, /^b \/b /);
    assert.match((await ask(server, '/a')).text, /^a \/a /);
    writeFileSync(join(cwd, 'app.ini'), INI);
    await runServer(t, `reload ${server.pid}`);
    assert.match((await ask(server, '/b')).text, /^a /);
    await eventually('the workers of the other one are gone', async () => (await workersOf(server)).length === 1);
  });
});

describe('applications that nobody asks for', () => {
  test('sleep one by one, and wake up one by one', async (t) => {
    const server = await startServer(t, `${LINE} --cheap --idle 1`, { cwd: tempDir(t, CLASHING) });
    const awake = async () => (await workersOf(server)).filter(({ pid }) => pid > 0).map(({ id }) => id);
    assert.deepEqual(await awake(), []);
    assert.match((await ask(server, '/b')).text, /^b /);
    assert.deepEqual(await awake(), [2]);
    await server.line(/\/b: no request for 1 s: asleep/);
    assert.match((await ask(server, '/a')).text, /^a /);
  });

  test('one that cannot wake up answers 503 and hurts nobody', async (t) => {
    const server = await startServer(t, `${LINE} --cheap`, { cwd: tempDir(t, { ...CLASHING, 'a.py': 'import os; os._exit(3)' }) });
    const [broken, sound] = await Promise.all([ask(server, '/a'), ask(server, '/b')]);
    assert.deepEqual([broken.status, sound.status], [503, 200]);
  });
});
