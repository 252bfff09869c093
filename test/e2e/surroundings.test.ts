/** What an application finds when it is imported: other modules, sys.argv, names; and where it runs. Real uWSGI says what is right. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fetchOnce } from '../helpers/http.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { requires } from '../helpers/requirements.ts';
import { startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

/** Notes its name. */
const NOTE = 'import builtins\nbuiltins.seen = getattr(builtins, "seen", []) + [__name__]\n';
const APP = `${NOTE}import os, sys
def application(environ, start_response):
    start_response("200 OK", [])
    return [repr((builtins.seen, sys.argv, os.getcwd(), "other" in sys.modules)).encode()]
`;
const FILES = { 'app.py': APP, 'one.py': NOTE, 'two.py': NOTE, 'pkg/three.py': NOTE };

const EVAL = ['--http-socket', '127.0.0.1:0', '--eval', 'def application(e, s):\n  s("200 OK", [])\n  return [__name__.encode()]'];

describe('as in uWSGI', () => {
  const options = '--import two --shared-import one --import ./pkg/three.py --pymodule-alias other=one --chdir2 /usr';
  for (const more of ['', ' --lazy-apps']) {
    test(
      `modules, names, words and the directory are there, in order${more}`,
      { skip: requires('uwsgi', 'uwsgi-plugin-python3') },
      async (t) => {
        const cwd = tempDir(t, FILES);
        const words = [...`--http-socket 127.0.0.1:0 -w app ${options} -M${more}`.split(' '), '--pyargv', 'one two'];
        const ours = await startServer(t, words, { cwd });
        const theirs = await startUwsgi(t, words, cwd);
        const expected = (await fetchOnce(theirs.address, '/')).text;
        assert.match(expected, /'one', 'two', '__pkg_three', 'app'.*\['uwsgi', 'one', 'two'\], '\/usr', True/);
        assert.equal((await fetchOnce(ours.address('http-socket'), '/')).text, expected);
      },
    );
  }

  test('the code of eval is the application', { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, async (t) => {
    const ours = await startServer(t, EVAL);
    await ours.line(/^application of eval loaded in /);
    const theirs = await startUwsgi(t, EVAL);
    assert.equal((await fetchOnce(ours.address('http-socket'), '/')).text, (await fetchOnce(theirs.address, '/')).text);
  });
});

test('a module that cannot be imported is told in the log, and the server goes on', async (t) => {
  const cwd = tempDir(t, { ...FILES, 'broken.py': 'import nosuch\n' });
  const server = await startServer(t, '--http 127.0.0.1:0 -w app --import broken', { cwd });
  await server.line(/^ModuleNotFoundError: No module named 'nosuch'/);
  await server.line(/import = broken: broken could not be imported: .*; the server goes on without it/);
  assert.equal((await fetchOnce(server.address('http'), '/')).status, 200);
});

test('a chdir2 that is not there ends the start', async (t) => {
  await assert.rejects(
    startServer(t, '--http 127.0.0.1:0 --wsgi-file hello.py --chdir2 /nowhere'),
    /chdir2 = \/nowhere: No such file or directory/,
  );
});
