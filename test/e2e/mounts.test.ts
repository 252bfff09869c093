/** Several applications on one server, by path. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Address, formatAddress } from '../helpers/address.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startNginx } from '../helpers/nginx.ts';
import { startUwsgi } from '../helpers/peers.ts';
import { requires } from '../helpers/requirements.ts';
import { type Server, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

/** Says its name and where it is. */
const site = (name: string): string => `
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [("%s|%s|%s" % (${JSON.stringify(name)}, environ.get("SCRIPT_NAME", ""), environ["PATH_INFO"])).encode("latin-1")]
`;

const SITES = { 'own.py': site('own'), 'a.py': site('a'), 'b.py': site('b'), 'pkg/__init__.py': '', 'pkg/c.py': site('c') };
const MOUNTS = '--wsgi-file own.py --mount /a=a.py --mount /a/b=b.py --mount /c=pkg.c:application';

const PATHS = [
  '/',
  '/a',
  '/a/',
  '/a/x',
  '/a//x',
  '/a/b',
  '/a/b/',
  '/a/b/x?y=1',
  '/a/bc',
  '/ab',
  '//a',
  '/c',
  '/c/d/e',
  '/other',
  '/a%2Fb',
  '/%61/x',
];

const NAMES: readonly (readonly [path: string, scriptName: string])[] = [
  ['/', ''],
  ['/a/x', '/a'],
  ['/x', '/a'],
  ['/a', '/a/b'],
  ['/c/x', '/c/'],
  ['/x', '/nowhere'],
];

const pages = async (address: Address, paths: readonly string[]): Promise<readonly string[]> =>
  Promise.all(paths.map(async (path) => `${path}: ${(await fetchOnce(address, path)).text}`));

describe('mount', () => {
  for (const more of ['', ' --single-interpreter']) {
    test(
      `with manage-script-name${more} gives every path to the application that uWSGI gives it to`,
      { skip: requires('uwsgi', 'uwsgi-plugin-python3') },
      async (t) => {
        const cwd = tempDir(t, SITES);
        const line = `--http-socket 127.0.0.1:0 ${MOUNTS} --manage-script-name${more}`;
        const ours = await startServer(t, line, { cwd });
        const theirs = await startUwsgi(t, `${line} --need-app`, cwd);
        assert.deepEqual(await pages(ours.address('http-socket'), PATHS), await pages(theirs.address, PATHS));
      },
    );
  }

  test('without it leaves the choice to the web server', { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, async (t) => {
    const cwd = tempDir(t, SITES);
    const line = `--socket 127.0.0.1:0 ${MOUNTS}`;
    const ours = (await startServer(t, line, { cwd })).address('uwsgi');
    const theirs = (await startUwsgi(t, line, cwd)).address;
    for (const [path, name] of NAMES) {
      const vars: Record<string, string> = name === '' ? {} : { SCRIPT_NAME: name };
      assert.equal(
        (await uwsgiRequest(ours, path, { vars })).text,
        (await uwsgiRequest(theirs, path, { vars })).text,
        `${path} below ${name}`,
      );
    }
    for (const id of ['/a/b', '/nowhere']) {
      const vars = { UWSGI_APPID: id };
      assert.equal((await uwsgiRequest(ours, '/', { vars })).text, (await uwsgiRequest(theirs, '/', { vars })).text, `with the id ${id}`);
    }
  });

  test('of a path with a slash at its end is the same without it', async (t) => {
    const cwd = tempDir(t, SITES);
    const server = await startServer(t, '--http 127.0.0.1:0 --mount /a/=a.py --manage-script-name', { cwd });
    assert.deepEqual(await pages(server.address('http'), ['/a', '/a/', '/a/x', '/']), [
      '/a: a|/a|',
      '/a/: a|/a|/',
      '/a/x: a|/a|/x',
      '/: a||/',
    ]);
  });

  test('answers 404 elsewhere with no-default-app', async (t) => {
    const cwd = tempDir(t, SITES);
    const server = await startServer(t, '--http 127.0.0.1:0 --mount /a=a.py --manage-script-name --no-default-app', { cwd });
    assert.equal((await fetchOnce(server.address('http'), '/a')).text, 'a|/a|');
    assert.equal((await fetchOnce(server.address('http'), '/ab')).status, 404);
    await server.line(/app: -1\|.* GET \/ab => .*404/);
  });

  test('tells which application answered in the log', async (t) => {
    const cwd = tempDir(t, SITES);
    const server = await startServer(t, `--http 127.0.0.1:0 ${MOUNTS} --manage-script-name`, { cwd });
    await server.line(/^application own\.py \(uwsgi_file_own\) loaded in /);
    await server.line(/^application a\.py \(uwsgi_file_a\) at \/a loaded in /);
    await server.line(/^application pkg\.c at \/c loaded in /);
    await fetchOnce(server.address('http'), '/a/b/x');
    await server.line(/app: 2\|.* GET \/a\/b\/x => /);
  });

  test('behind nginx: each location with its SCRIPT_NAME', { skip: requires('nginx-light') }, async (t) => {
    const cwd = tempDir(t, SITES);
    const server = await startServer(t, `--socket 127.0.0.1:0 ${MOUNTS} --manage-script-name -M -p 2`, { cwd });
    const nginx = await startNginx(t, { server: locations(server, ['/a', '/c']) });
    assert.deepEqual(await pages(nginx.address, ['/a', '/a/x', '/c/', '/x']), ['/a: a|/a|', '/a/x: a|/a|/x', '/c/: c|/c|/', '/x: own||/x']);
  });
});

/** As the tutorials have it. */
function locations(server: Server, mountpoints: readonly string[]): string {
  const pass = `include /etc/nginx/uwsgi_params; uwsgi_pass ${formatAddress(server.address('uwsgi'))};`;
  const named = mountpoints.map((path) => `location ${path} { ${pass} uwsgi_param SCRIPT_NAME ${path}; }`);
  return [...named, `location / { ${pass} }`].join('\n');
}
