/**
 * What the tutorials tell a newcomer to type, typed here: each command line, ini file and nginx location of theirs,
 * with the fixed ports replaced by free ones.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { formatAddress } from '../helpers/address.ts';
import { exchange, fetchOnce } from '../helpers/http.ts';
import { proxyPass, startNginx, uwsgiPass } from '../helpers/nginx.ts';
import { PYTHON } from '../helpers/paths.ts';
import { eventually } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/processes.ts';
import { NOT_ROOT, requires } from '../helpers/requirements.ts';
import { startServer, runServer, type Server } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';
import { tempDir } from '../helpers/temp.ts';
import { uwsgiRequest } from '../helpers/uwsgi-client.ts';

/** As printed in the first tutorial: under Python 3 it returns str where bytes are due. */
const SERVER_PY = `def application(environ, start_response):
    status = '200 OK'
    output = 'Hello World!'

    response_headers = [('Content-type', 'text/plain'),
                        ('Content-Length', str(len(output)))]
    start_response(status, response_headers)

    return [output]
`;

const TEST_PY = `def application(env, start_response):
    start_response('200 OK', [('Content-Type','text/html')])
    return [b"Hello World"]
`;

const FLASK_PY = (name: string) => `from flask import Flask
${name} = Flask(__name__)

@${name}.route('/')
def index():
    return '<h1>Hello World</h1>'
`;

const WEBPY_PY = (name: string) => `import web

urls = ('/.*', 'hello')

class hello:
    def GET(self):
        return 'Hello, world!'

app = web.application(urls, globals())
${name} = app.wsgifunc()
`;

const FOUR_BY_TWO = '--master --processes 4 --threads 2 --stats 127.0.0.1:0';

describe('the first tutorial', () => {
  test('uwsgi --http :9090 --wsgi-file server.py', async (t) => {
    const server = await startServer(t, '--http :0 --wsgi-file server.py', { cwd: tempDir(t, { 'server.py': SERVER_PY }) });
    const response = await fetchOnce(server.address('http'), '/');
    assert.deepEqual([response.status, response.text], [200, 'Hello World!']);
    assert.ok(response.head.includes('\r\nContent-type: text/plain\r\nContent-Length: 12'), response.head);
  });

  test('its str is sent as UTF-8, with one warning however many requests there are', async (t) => {
    const server = await startServer(t, '--http :0 --wsgi-file server.py', { cwd: tempDir(t, { 'server.py': SERVER_PY }) });
    for (let nth = 0; nth < 5; nth++) assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
    await server.line(/GET \/ => generated 12 bytes/, 5);
    assert.equal(server.lines(/\bstr\b.*\bbytes\b|\bbytes\b.*\bstr\b/).length, 1, server.log);
  });

  test('uwsgi … --master --processes 4 --threads 2 --stats 127.0.0.1:9191', async (t) => {
    const server = await startServer(t, `--http :0 --wsgi-file server.py ${FOUR_BY_TWO}`, { cwd: tempDir(t, { 'server.py': SERVER_PY }) });
    await assertFourByTwo(server);
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
  });

  test('the master replaces a process that dies', async (t) => {
    const server = await startServer(t, `--http :0 --wsgi-file server.py ${FOUR_BY_TWO}`, { cwd: tempDir(t, { 'server.py': SERVER_PY }) });
    const old = server.workerPid(3);
    process.kill(old, 'SIGKILL');
    await server.line(/worker 3 \(pid \d+\) serving/, 2);
    assert.notEqual(server.workerPid(3), old);
    await assertFourByTwo(server);
  });

  test('uwsgi myapp.ini, with http', async (t) => {
    const cwd = tempDir(t, { 'server.py': SERVER_PY, 'myapp.ini': ini('http=:0', 'stats=127.0.0.1:0') });
    const server = await startServer(t, 'myapp.ini', { cwd });
    await assertFourByTwo(server);
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World!');
  });

  test('uwsgi myapp.ini, with socket and nginx in front', async (t) => {
    const cwd = tempDir(t, { 'server.py': SERVER_PY, 'myapp.ini': ini('socket=127.0.0.1:0', 'stats=127.0.0.1:0') });
    const server = await startServer(t, 'myapp.ini', { cwd });
    const nginx = await startNginx(t, { server: uwsgiPass(server.address('uwsgi')) });
    assert.equal((await fetchOnce(nginx.address, '/')).text, 'Hello World!');
    await assertFourByTwo(server);
  });

  test('a Flask application called application', { skip: requires('python3-flask', 'nginx-light') }, async (t) => {
    const cwd = tempDir(t, { 'server.py': FLASK_PY('application'), 'myapp.ini': ini('socket=127.0.0.1:0') });
    await assertBehindNginx(t, await startServer(t, 'myapp.ini', { cwd }), '<h1>Hello World</h1>');
  });

  test('a Flask application called app, with callable=app', { skip: requires('python3-flask', 'nginx-light') }, async (t) => {
    const cwd = tempDir(t, { 'server.py': FLASK_PY('app'), 'myapp.ini': ini('socket=127.0.0.1:0', 'callable=app') });
    await assertBehindNginx(t, await startServer(t, 'myapp.ini', { cwd }), '<h1>Hello World</h1>');
  });

  test('mount=/myapp=server.py below a location with SCRIPT_NAME', { skip: requires('python3-flask', 'nginx-light') }, async (t) => {
    const mounted = ini('socket=127.0.0.1:0', 'mount=/myapp=server.py', 'manage-script-name=true').replace(/^wsgi-file.*\n/m, '');
    const cwd = tempDir(t, { 'server.py': FLASK_PY('application'), 'myapp.ini': mounted });
    const server = await startServer(t, 'myapp.ini', { cwd });
    const pass = `include /etc/nginx/uwsgi_params; uwsgi_param SCRIPT_NAME /myapp; uwsgi_pass ${formatAddress(server.address('uwsgi'))};`;
    const nginx = await startNginx(t, { server: `location /myapp { ${pass} }` });
    assert.equal((await fetchOnce(nginx.address, '/myapp/')).text, '<h1>Hello World</h1>');
    assert.equal((await fetchOnce(nginx.address, '/myapp')).status, 308, 'Flask sends the browser to /myapp/');
  });

  test('a virtualenv', async (t) => {
    const cwd = tempDir(t, { 'server.py': 'from only_here import application\n' });
    const home = join(cwd, 'virtualenv');
    execFileSync(PYTHON, ['-m', 'venv', '--without-pip', home]);
    const packages = execFileSync(join(home, 'bin/python'), ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], {
      encoding: 'utf8',
    });
    writeFileSync(join(packages.trim(), 'only_here.py'), TEST_PY);
    writeFileSync(join(cwd, 'myapp.ini'), ini('http=:0', `virtualenv=${home}`));
    const server = await startServer(t, 'myapp.ini', { cwd });
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World');
  });

  test(
    'a socket file which nginx, another user, may not open: 502, the trap that the tutorial tells of',
    { skip: requires('nginx-light') || NOT_ROOT },
    async (t) => {
      const cwd = tempDir(t, { 'server.py': SERVER_PY, 'myapp.ini': ini('socket=uwsgi.sock') });
      await startServer(t, 'myapp.ini', { cwd });
      const nginx = await startNginx(t, { server: uwsgiPass({ path: join(cwd, 'uwsgi.sock') }) });
      assert.equal((await fetchOnce(nginx.address, '/')).status, 502);
    },
  );

  test('a socket file opened up by chmod-socket', { skip: requires('nginx-light') }, async (t) => {
    const cwd = tempDir(t, { 'server.py': SERVER_PY });
    writeFileSync(join(cwd, 'myapp.ini'), ini(`socket=${join(cwd, 'uwsgi.sock')}`, 'chmod-socket=666'));
    await assertBehindNginx(t, await startServer(t, 'myapp.ini', { cwd }), 'Hello World!');
  });

  test('PYTHON_EGG_CACHE reaches the application', async (t) => {
    const options = { env: { PYTHON_EGG_CACHE: '/tmp/eggs' } };
    const server = await startServer(t, '--http :0 --wsgi-file interpreter.py --env OTHER=given', options);
    const { environment } = JSON.parse((await fetchOnce(server.address('http'), '/')).text) as { environment: Record<string, string> };
    assert.deepEqual([environment['PYTHON_EGG_CACHE'], environment['OTHER']], ['/tmp/eggs', 'given']);
  });
});

describe('the second tutorial', () => {
  test('uwsgi --http :9090 --wsgi-file ./test.py', async (t) => {
    const server = await startServer(t, '--http :0 --wsgi-file ./test.py', { cwd: tempDir(t, { 'test.py': TEST_PY }) });
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello World');
  });

  for (const option of ['http', 'http-socket'] as const) {
    test(`--${option} with nginx in front: proxy_pass http://127.0.0.1:5000/`, { skip: requires('nginx-light') }, async (t) => {
      const server = await startServer(t, `--${option} 127.0.0.1:0 --wsgi-file test.py`, { cwd: tempDir(t, { 'test.py': TEST_PY }) });
      const nginx = await startNginx(t, { server: proxyPass(server.address(option)).replace(';', '/;') });
      assert.equal((await fetchOnce(nginx.address, '/')).text, 'Hello World');
    });
  }

  test('socket = /tmp/uwsgi.sock with uwsgi_pass unix:///tmp/uwsgi.sock', { skip: requires('nginx-light') }, async (t) => {
    const cwd = tempDir(t, { 'test.py': TEST_PY });
    const path = join(cwd, 'uwsgi.sock');
    writeFileSync(join(cwd, 'uwsgi.ini'), `# uwsgi 配置\n[uwsgi]\nsocket = ${path}\nwsgi-file = test.py\nchmod-socket = 666\n`);
    await startServer(t, 'uwsgi.ini', { cwd });
    const nginx = await startNginx(t, { server: `location / { uwsgi_pass unix://${path}; include /etc/nginx/uwsgi_params; }` });
    assert.equal((await fetchOnce(nginx.address, '/')).text, 'Hello World');
  });

  test('telnet 127.0.0.1 9191 shows the statistics', async (t) => {
    const server = await startServer(t, `--http :0 --wsgi-file test.py ${FOUR_BY_TWO}`, { cwd: tempDir(t, { 'test.py': TEST_PY }) });
    const stats = await statsOf(server.address('stats'));
    const quoted = [
      'version',
      'listen_queue',
      'listen_queue_errors',
      'signal_queue',
      'load',
      'pid',
      'uid',
      'gid',
      'cwd',
      'locks',
      'sockets',
      'workers',
    ];
    assert.deepEqual(
      quoted.filter((key) => !(key in stats)),
      [],
    );
  });

  test(
    'uwsgi --socket 127.0.0.1:3031 --wsgi-file foobar.py --master --processes 4 --threads 2 --stats 127.0.0.1:9191',
    { skip: requires('nginx-light') },
    async (t) => {
      const cwd = tempDir(t, { 'foobar.py': TEST_PY });
      const server = await startServer(t, `--socket 127.0.0.1:0 --wsgi-file foobar.py ${FOUR_BY_TWO}`, { cwd });
      await assertFourByTwo(server);
      await assertBehindNginx(t, server, 'Hello World');
    },
  );

  const project = join(import.meta.dirname, '../fixtures/apps/django-site');

  test(
    'Django: --chdir /home/foobar/myproject/ --wsgi-file myproject/wsgi.py',
    { skip: requires('python3-django', 'nginx-light') },
    async (t) => {
      const server = await startServer(t, `--socket 127.0.0.1:0 --chdir ${project}/ --wsgi-file mysite/wsgi.py ${FOUR_BY_TWO}`, {
        cwd: '/',
      });
      await assertBehindNginx(t, server, 'Hello from Django');
    },
  );

  test('Django: the same from an ini file', { skip: requires('python3-django', 'nginx-light') }, async (t) => {
    const text = `[uwsgi]
socket = 127.0.0.1:0
chdir = ${project}/
wsgi-file = mysite/wsgi.py
processes = 4
threads = 2
stats = 127.0.0.1:0
`;
    const server = await startServer(t, 'django.ini', { cwd: tempDir(t, { 'django.ini': text }) });
    await assertFourByTwo(server);
    await assertBehindNginx(t, server, 'Hello from Django');
  });

  test(
    'Flask: --wsgi-file myflaskapp.py --callable app --processes 4 --threads 2 --stats, without --master',
    { skip: requires('python3-flask', 'nginx-light') },
    async (t) => {
      const cwd = tempDir(t, { 'myflaskapp.py': FLASK_PY('app') });
      const words = '--socket 127.0.0.1:0 --wsgi-file myflaskapp.py --callable app --processes 4 --threads 2 --stats 127.0.0.1:0';
      const server = await startServer(t, words, { cwd });
      await assertFourByTwo(server);
      await assertBehindNginx(t, server, '<h1>Hello World</h1>');
    },
  );

  for (const flag of ['--enable-threads', '']) {
    test(`a thread of the application runs between requests${flag === '' ? ', even without' : ', with'} --enable-threads`, async (t) => {
      const server = await startServer(t, `--http 127.0.0.1:0 --wsgi-file threads.py ${flag}`);
      const ticks = async () => Number((await fetchOnce(server.address('http'), '/ticks')).text);
      await fetchOnce(server.address('http'), '/spawn');
      const before = await ticks();
      await eventually('the thread goes on', async () => (await ticks()) > before + 2);
    });
  }
});

describe('the third tutorial', () => {
  const FOOBAR_PY = `# foobar.py
def application(env, start_response):
    """test application
    """
    content = [
        ('Content-Type', 'text/html'),
    ]
    start_response('200 OK', content)
    res_str = 'Hello, {}\\n'.format(__name__)
    return [res_str]
`;

  test('__name__ of a file is uwsgi_file_ and the name of the file', async (t) => {
    const server = await startServer(t, '--http :0 --wsgi-file foobar.py', { cwd: tempDir(t, { 'foobar.py': FOOBAR_PY }) });
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello, uwsgi_file_foobar\n');
  });

  for (const { file, name } of [
    { file: './foobar.py', name: 'uwsgi_file___foobar' },
    { file: 'pkg/sub/my-app.v2.py', name: 'uwsgi_file_pkg_sub_my-app_v2' },
    { file: 'foobar.wsgi', name: 'uwsgi_file_foobar_wsgi' },
  ]) {
    test(`__name__ of ${file} is ${name}`, async (t) => {
      const server = await startServer(t, `--http :0 --wsgi-file ${file}`, { cwd: tempDir(t, { [file]: FOOBAR_PY }) });
      assert.equal((await fetchOnce(server.address('http'), '/')).text, `Hello, ${name}\n`);
    });
  }

  test('nginx with uwsgi_pass alone, without uwsgi_params', { skip: requires('nginx-light') }, async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file testapp.py', { cwd: tempDir(t, { 'testapp.py': FOOBAR_PY }) });
    const nginx = await startNginx(t, { server: uwsgiPass(server.address('uwsgi')).replace('include /etc/nginx/uwsgi_params;', '') });
    assert.equal((await fetchOnce(nginx.address, '/')).text, 'Hello, uwsgi_file_testapp\n');
  });

  test('proxy_pass needs --http-socket', { skip: requires('nginx-light') }, async (t) => {
    const server = await startServer(t, '--http-socket 127.0.0.1:0 --wsgi-file testapp.py', {
      cwd: tempDir(t, { 'testapp.py': FOOBAR_PY }),
    });
    const nginx = await startNginx(t, { server: proxyPass(server.address('http-socket')) });
    assert.equal((await fetchOnce(nginx.address, '/')).text, 'Hello, uwsgi_file_testapp\n');
  });

  test(
    'proxy_pass to --socket, as the tutorial has it, is a 502 with a line that says why',
    { skip: requires('nginx-light') },
    async (t) => {
      const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file testapp.py', { cwd: tempDir(t, { 'testapp.py': FOOBAR_PY }) });
      const nginx = await startNginx(t, { server: proxyPass(server.address('uwsgi')) });
      assert.equal((await fetchOnce(nginx.address, '/')).status, 502);
      await server.line(/HTTP/);
    },
  );
});

describe('the fourth tutorial', () => {
  test('web.py: uwsgi -s :9090 -w myapp', { skip: requires('python3-webpy', 'nginx-light') }, async (t) => {
    const cwd = tempDir(t, { 'myapp.py': WEBPY_PY('application') });
    await assertBehindNginx(t, await startServer(t, '-s :0 -w myapp', { cwd }), 'Hello, world!');
  });

  test('web.py with the misprint of the tutorial: the name that is missing is told', { skip: requires('python3-webpy') }, async (t) => {
    const outcome = await runServer(t, '-s :0 -w myapp', { cwd: tempDir(t, { 'myapp.py': WEBPY_PY('appapplication') }) });
    assert.equal(outcome.status, 22);
    assert.match(outcome.output, /"?application"?.*myapp|myapp.*"?application"?/);
  });

  test('web.py: -w myapp:appapplication', { skip: requires('python3-webpy', 'nginx-light') }, async (t) => {
    const cwd = tempDir(t, { 'myapp.py': WEBPY_PY('appapplication') });
    await assertBehindNginx(t, await startServer(t, '-s :0 -w myapp:appapplication', { cwd }), 'Hello, world!');
  });

  test('Django: application = WSGIHandler()', { skip: requires('python3-django', 'nginx-light') }, async (t) => {
    const settings = "SECRET_KEY = 'x'\nALLOWED_HOSTS = ['*']\nROOT_URLCONF = 'urls'\n";
    const urls = `from django.http import HttpResponse
from django.urls import path
urlpatterns = [path('', lambda request: HttpResponse('Hello from Django'))]
`;
    const myapp = `import os
os.environ['DJANGO_SETTINGS_MODULE'] = 'settings'
from django.core.handlers.wsgi import WSGIHandler
application = WSGIHandler()
`;
    const cwd = tempDir(t, { 'settings.py': settings, 'urls.py': urls, 'myapp.py': myapp });
    await assertBehindNginx(t, await startServer(t, '-s :0 -w myapp', { cwd }), 'Hello from Django');
  });

  const steps = ['-p 4', '-M -p 4', '-M -p 4 -t 30', '-M -p 4 -t 30 --limit-as 128', '-M -p 4 -t 30 --limit-as 128 -R 10000'];
  for (const step of steps) {
    test(`uwsgi -s :9090 -w myapp ${step}`, async (t) => {
      const server = await startServer(t, `-s :0 -w myapp ${step}`, { cwd: tempDir(t, { 'myapp.py': TEST_PY }) });
      assert.equal((await uwsgiRequest(server.address('uwsgi'), '/')).text, 'Hello World');
      assert.equal(new Set(server.lines(/worker \d+ \(pid (\d+)\) serving/).map(([, pid]) => pid)).size, 4);
    });
  }

  test('uwsgi -s :9090 -w myapp -M -p 4 -t 30 --limit-as 128 -R 10000 -d uwsgi.log', async (t) => {
    const cwd = tempDir(t, { 'myapp.py': TEST_PY });
    const words = '-s uwsgi.sock -w myapp -M -p 4 -t 30 --limit-as 128 -R 10000 -d uwsgi.log --pidfile uwsgi.pid';
    assert.equal((await runServer(t, words, { cwd })).status, 0);
    assert.equal((await uwsgiRequest({ path: join(cwd, 'uwsgi.sock') }, '/')).text, 'Hello World');
    assert.match(readFileSync(join(cwd, 'uwsgi.log'), 'utf8'), /ready: 4 workers/);
    const master = Number(readFileSync(join(cwd, 'uwsgi.pid'), 'utf8'));
    process.kill(master, 'SIGINT');
    await eventually('the end of the master', () => !isAlive(master));
  });
});

describe('the fifth tutorial', () => {
  test('a generator called app which yields str', async (t) => {
    const text = `def app(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    yield "Hello world!\\n"
`;
    const server = await startServer(t, '--http :0 --wsgi-file hello.py --callable app', { cwd: tempDir(t, { 'hello.py': text }) });
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'Hello world!\n');
  });

  test("an application made only where __name__ starts with 'uwsgi_file_'", async (t) => {
    const ewsgi = `class WsgiAServer:
    def __call__(self, environ, start_response):
        start_response('200 OK', [('Content-Type', 'text/plain')])
        return [b'ewsgi']
`;
    const app = `import ewsgi

class App(ewsgi.WsgiAServer):
    ...
if __name__.startswith('uwsgi_file_'):
    application = App()
`;
    const server = await startServer(t, '--http :0 --wsgi-file app.py', { cwd: tempDir(t, { 'ewsgi.py': ewsgi, 'app.py': app }) });
    assert.equal((await fetchOnce(server.address('http'), '/')).text, 'ewsgi');
  });

  test('a browser pointed at a uwsgi socket: the connection closes, the log says skip or why', async (t) => {
    const server = await startServer(t, '--socket 127.0.0.1:0 --wsgi-file hello.py');
    const answer = await exchange(server.address('uwsgi'), 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n').catch(() => Buffer.alloc(0));
    assert.equal(answer.length, 0);
    await server.line(/HTTP/);
  });
});

/** myapp.ini as the first tutorial has it, with these lines changed or added. */
function ini(listen: string, ...more: string[]): string {
  return ['[uwsgi]', listen, 'wsgi-file=server.py', 'master=true', 'processes=4', 'threads=2', ...more, ''].join('\n');
}

async function assertBehindNginx(t: TestContext, server: Server, text: string): Promise<void> {
  const nginx = await startNginx(t, { server: uwsgiPass(server.address('uwsgi')) });
  const response = await fetchOnce(nginx.address, '/');
  assert.deepEqual([response.status, response.text], [200, text]);
}

async function assertFourByTwo(server: Server): Promise<void> {
  const { workers } = await statsOf(server.address('stats'));
  assert.equal(workers.length, 4);
  for (const worker of workers) {
    assert.equal(worker.cores.length, 2);
    assert.ok(isAlive(worker.pid), `worker ${String(worker.pid)} lives`);
  }
}
