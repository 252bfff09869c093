/** Applications that requests name: the web server's configuration alone decides what is served. */
import assert from 'node:assert/strict';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { formatAddress } from '../helpers/address.ts';
import { ByteStream } from '../helpers/byte-stream.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startNginx } from '../helpers/nginx.ts';
import { requires } from '../helpers/requirements.ts';
import { onEnd } from '../helpers/scope.ts';
import { runServer, type Server, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiMessage, uwsgiRequest } from '../helpers/uwsgi-client.ts';
import { makeVirtualenv } from '../helpers/virtualenvs.ts';

/** Says its name, where it runs and with which Python. */
const site = (name: string): string => `
import os, sys

def application(environ, start_response):
    if environ["PATH_INFO"] == "/die":
        os._exit(9)
    start_response("200 OK", [("Content-Type", "text/plain")])
    where = [${JSON.stringify(name)}, os.path.basename(os.getcwd()), os.path.basename(sys.prefix), environ["wsgi.url_scheme"], str(os.getpid())]
    return [" ".join(where).encode()]
`;

const LINE = '--socket 127.0.0.1:0 --master --vhost';

/** What one that is asked says, without its pid. */
async function ask(server: Server, vars: Readonly<Record<string, string>>, path = '/'): Promise<string> {
  const { status, text } = await uwsgiRequest(server.address('uwsgi'), path, { vars });
  return status === 200 ? text.split(' ').slice(0, -1).join(' ') : String(status);
}

async function pidOf(server: Server, vars: Readonly<Record<string, string>>): Promise<string | undefined> {
  return (await uwsgiRequest(server.address('uwsgi'), '/', { vars })).text.split(' ').at(-1);
}

/** The path of a new virtual environment. */
function newVirtualenv(path: string, packages: Readonly<Record<string, string>> = {}): string {
  makeVirtualenv(path, { packages });
  return path;
}

describe('with vhost', () => {
  test('nothing runs before the first request, which is answered by what it names', async (t) => {
    const cwd = tempDir(t, { 'one/myapp.py': site('one'), 'two/myapp.py': site('two') });
    const server = await startServer(t, `${LINE} -p 2`, { cwd });
    assert.ok(server.log.includes('ready: 0 workers, the first request starts them'));
    const venv = newVirtualenv(join(cwd, 'venv'));
    const [one, two] = ['one', 'two'].map((name) => ({ UWSGI_SCRIPT: 'myapp', UWSGI_CHDIR: join(cwd, name) }));
    assert.equal(await ask(server, { ...one, UWSGI_SCHEME: 'https' }), 'one one usr https');
    assert.equal(await ask(server, { ...two, UWSGI_PYHOME: venv }), 'two two venv http');
    assert.equal(
      await ask(server, { UWSGI_FILE: 'myapp.py', UWSGI_CHDIR: join(cwd, 'two'), UWSGI_CALLABLE: 'application' }),
      'two two usr http',
    );
    assert.equal(
      await pidOf(server, { ...one, HTTP_HOST: 'another.example' }),
      await pidOf(server, { ...one }),
      'one application, one pool',
    );
    assert.notEqual(await pidOf(server, { ...one, UWSGI_APPID: 'blue' }), await pidOf(server, { ...one }));
  });

  test('two virtual environments have two versions of a package', async (t) => {
    const code =
      'import thing\ndef application(environ, start_response):\n    start_response("200 OK", [])\n    return [f"thing {thing.VERSION} .".encode()]';
    const cwd = tempDir(t, { 'myapp.py': code });
    const server = await startServer(t, LINE, { cwd });
    for (const version of ['1', '2']) {
      const venv = newVirtualenv(join(cwd, `venv${version}`), { 'thing.py': `VERSION = "${version}"` });
      assert.equal(await ask(server, { UWSGI_SCRIPT: 'myapp', UWSGI_PYHOME: venv }), `thing ${version}`);
    }
  });

  test('the application of the configuration answers what names none', async (t) => {
    const cwd = tempDir(t, { 'own.py': site('own'), 'one/myapp.py': site('one') });
    const server = await startServer(t, `${LINE} --wsgi-file own.py`, { cwd });
    assert.match(await ask(server, {}), /^own /);
    assert.match(await ask(server, { UWSGI_SCRIPT: 'myapp', UWSGI_CHDIR: join(cwd, 'one') }), /^one /);
  });

  test('where there is none, that is answered 500, and the log says why', async (t) => {
    const server = await startServer(t, LINE);
    assert.equal(await ask(server, {}), '500');
    await server.line(/500: no application: no mountpoint fits, and the request names none/);
  });

  test('one that is broken or not there is answered 500 and hurts nobody', async (t) => {
    const cwd = tempDir(t, { 'broken.py': '1 // 0', 'sound.py': site('sound') });
    const server = await startServer(t, LINE, { cwd });
    const answers = await Promise.all([
      ask(server, { UWSGI_SCRIPT: 'broken' }),
      ask(server, { UWSGI_SCRIPT: 'gone' }),
      ask(server, { UWSGI_SCRIPT: 'sound', UWSGI_CHDIR: '/nowhere' }),
      ask(server, { UWSGI_SCRIPT: 'sound', UWSGI_PYHOME: cwd }),
      ask(server, { UWSGI_SCRIPT: 'sound' }),
    ]);
    assert.deepEqual(answers.slice(0, 4), ['500', '500', '500', '500']);
    assert.match(answers[4], /^sound /);
    await server.line(/ZeroDivisionError/);
    await server.line(/500: UWSGI_CHDIR: there is no \/nowhere/);
    writeFileSync(join(cwd, 'broken.py'), site('mended'));
    assert.match(await ask(server, { UWSGI_SCRIPT: 'broken' }), /^mended /, 'the next request tries again');
  });

  test('one that is not there is told of to a request, too, whose body was still on its way when the first one heard of it', async (t) => {
    const server = await startServer(t, `${LINE} --request-buffering`);
    const vars = { UWSGI_SCRIPT: 'gone', UWSGI_CHDIR: '/nowhere' };
    const message = uwsgiMessage('/', { method: 'POST', body: 'late', vars });
    const slow = await ByteStream.open(server.address('uwsgi'));
    onEnd(t, () => {
      slow.close();
    });
    slow.write(message.subarray(0, -1));
    assert.equal(await ask(server, vars), '500');
    slow.write(message.subarray(-1));
    assert.match((await slow.readToEnd()).toString(), /^HTTP\/1\.1 500 /);
  });

  test('a worker that dies takes no other application with it, and is replaced', async (t) => {
    const cwd = tempDir(t, { 'one.py': site('one'), 'two.py': site('two') });
    const server = await startServer(t, LINE, { cwd });
    const two = await pidOf(server, { UWSGI_SCRIPT: 'two' });
    assert.equal(await ask(server, { UWSGI_SCRIPT: 'one' }, '/die'), '502');
    assert.match(await ask(server, { UWSGI_SCRIPT: 'one' }), /^one /);
    assert.equal(await pidOf(server, { UWSGI_SCRIPT: 'two' }), two);
  });
});

describe('what requests may name', () => {
  test('is what dynamic-root holds', async (t) => {
    const cwd = tempDir(t, { 'sites/one/myapp.py': site('one'), 'other/myapp.py': site('other') });
    const server = await startServer(t, `${LINE} --dynamic-root ${join(cwd, 'sites')}`, { cwd });
    assert.match(await ask(server, { UWSGI_SCRIPT: 'myapp', UWSGI_CHDIR: join(cwd, 'sites/one') }), /^one /);
    assert.equal(await ask(server, { UWSGI_SCRIPT: 'myapp', UWSGI_CHDIR: join(cwd, 'other') }), '500');
    await server.line(/other is outside the folders of dynamic-root/);
  });

  test('is nothing that a client of HTTP can say', async (t) => {
    const cwd = tempDir(t, { 'one.py': site('one'), 'own.py': site('own') });
    const server = await startServer(t, '--http 127.0.0.1:0 --master --vhost --wsgi-file own.py', { cwd });
    const { text } = await fetchOnce(server.address('http'), '/', { headers: { UWSGI_SCRIPT: 'one', 'Uwsgi-Script': 'one' } });
    assert.match(text, /^own /);
  });

  test('are as many as max-apps at the same time; one that sleeps gives its place', async (t) => {
    const cwd = tempDir(t, { 'one.py': site('one'), 'two.py': site('two') });
    const server = await startServer(t, `${LINE} --max-apps 1 --idle 1`, { cwd });
    assert.match(await ask(server, { UWSGI_SCRIPT: 'one' }), /^one /);
    assert.equal(await ask(server, { UWSGI_SCRIPT: 'two' }), '500');
    await server.line(/as many as max-apps allows/);
    await server.line(/one: no request for 1 s: asleep/);
    assert.match(await ask(server, { UWSGI_SCRIPT: 'two' }), /^two /);
  });

  test('is nothing without vhost', async (t) => {
    const cwd = tempDir(t, { 'one.py': site('one'), 'own.py': site('own') });
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file own.py', { cwd });
    assert.match(await ask(server, { UWSGI_SCRIPT: 'one' }), /^own /);
  });
});

describe('applications that requests have named are reloaded', () => {
  test('with the server, each for itself', async (t) => {
    const cwd = tempDir(t, { 'one.py': site('one'), 'two.py': site('two') });
    const server = await startServer(t, LINE, { cwd });
    for (const name of ['one', 'two']) await ask(server, { UWSGI_SCRIPT: name });
    writeFileSync(join(cwd, 'one.py'), site('renewed'));
    writeFileSync(join(cwd, 'two.py'), '1 // 0');
    await runServer(t, `reload ${server.pid}`);
    await server.line(/two: the reload failed, the old workers go on serving/);
    await server.line(/one: reloaded: 1 new workers serve/);
    assert.match(await ask(server, { UWSGI_SCRIPT: 'one' }), /^renewed /);
    assert.match(await ask(server, { UWSGI_SCRIPT: 'two' }), /^two /);
  });

  test('when the file of UWSGI_TOUCH_RELOAD is touched', async (t) => {
    const cwd = tempDir(t, { 'one.py': site('one'), touch: '' });
    const server = await startServer(t, LINE, { cwd });
    const vars = { UWSGI_SCRIPT: 'one', UWSGI_TOUCH_RELOAD: join(cwd, 'touch') };
    assert.match(await ask(server, vars), /^one /);
    writeFileSync(join(cwd, 'one.py'), site('renewed'));
    utimesSync(join(cwd, 'touch'), 2_000_000_000, 2_000_000_000);
    await server.line(/one: reloaded: 1 new workers serve/);
    assert.match(await ask(server, vars), /^renewed /);
  });
});

test(
  'behind nginx, as in the tutorial: one server for each site, and another by editing nginx only',
  { skip: requires('nginx-light') },
  async (t) => {
    const cwd = tempDir(t, { 'one/myapp.py': site('one'), 'two/myapp.py': site('two') });
    const venv = newVirtualenv(join(cwd, 'env'));
    const server = await startServer(t, '-s 127.0.0.1:0 -M -p 4 -t 30 --limit-as 1024 -R 10000 --vhost', { cwd });
    const pass = `include /etc/nginx/uwsgi_params; uwsgi_pass ${formatAddress(server.address('uwsgi'))};`;
    const names = (name: string): string =>
      `uwsgi_param UWSGI_PYHOME ${venv}; uwsgi_param UWSGI_SCRIPT myapp; uwsgi_param UWSGI_CHDIR ${join(cwd, name)};`;
    const nginx = await startNginx(t, { server: `location / { ${pass} ${names('one')} }\nlocation /two { ${pass} ${names('two')} }` });
    assert.match((await fetchOnce(nginx.address, '/')).text, /^one one env http /);
    assert.match((await fetchOnce(nginx.address, '/two')).text, /^two two env http /, 'two locations of one server are two applications');
    writeFileSync(join(cwd, 'myapp.py'), site('three'));
    const edited = await startNginx(t, {
      server: `location / { ${pass} uwsgi_param UWSGI_SCRIPT myapp; uwsgi_param UWSGI_CHDIR ${cwd}; }`,
    });
    assert.match((await fetchOnce(edited.address, '/')).text, /^three /, 'the server was not touched');
  },
);

test('a gateway that is started again knows the applications that requests have named', async (t) => {
  const cwd = tempDir(t, { 'one.py': site('one'), 'two.py': site('two') });
  const server = await startServer(t, `${LINE} --cheap --idle 1`, { cwd });
  assert.match(await ask(server, { UWSGI_SCRIPT: 'one' }), /^one /);
  await server.line(/one: no request for 1 s: asleep/);
  process.kill(Number(server.lines(/gateway \(pid (\d+)\) listening/)[0]?.[1]), 'SIGKILL');
  await server.line(/the gateway ended \(SIGKILL\): starting it again/);
  assert.match(await ask(server, { UWSGI_SCRIPT: 'one' }), /^one /);
  assert.match(await ask(server, { UWSGI_SCRIPT: 'two' }), /^two /);
});
