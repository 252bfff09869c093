/** Many applications on one server: real frameworks, projects that clash, some that are broken, reloads and limits. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { StatsDocument } from '../../src/core/stats/document.ts';
import { formatAddress } from '../helpers/address.ts';
import { eventually } from '../helpers/eventually.ts';
import { fetchOnce } from '../helpers/http.ts';
import { startLoad } from '../helpers/load.ts';
import { startNginx } from '../helpers/nginx.ts';
import { limitOf } from '../helpers/processes.ts';
import { requires } from '../helpers/requirements.ts';
import { runServer, type Server, startServer } from '../helpers/server.ts';
import { statsOf } from '../helpers/statistics.ts';
import { tempDir } from '../helpers/temp.ts';

const HTTP = '--http 127.0.0.1:0 --stats 127.0.0.1:0 --master --manage-script-name';

const FLASK = `from flask import Flask, url_for
application = Flask(__name__)
@application.route("/")
def index():
    return "Flask at " + url_for("index")
`;

const WEBPY = `import web
class index:
    def GET(self):
        return "web.py at " + web.ctx.homepath
application = web.application(("/", "index"), globals()).wsgifunc()
`;

/** A Django project in a folder; all of them call their settings and their urls the same. */
const django = (folder: string): Record<string, string> => ({
  [`${folder}/project/__init__.py`]: '',
  [`${folder}/project/settings.py`]: `NAME = "${folder}"\nROOT_URLCONF = "project.urls"\nALLOWED_HOSTS = ["*"]\nSECRET_KEY = "x"\n`,
  [`${folder}/project/urls.py`]: `from django.conf import settings
from django.http import HttpResponse
from django.urls import path, reverse
urlpatterns = [path("", lambda request: HttpResponse("%s at %s" % (settings.NAME, reverse("index"))), name="index")]
`,
  [`${folder}/wsgi.py`]: `import os, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
`,
});

/** Says its name and version; does on request what an application should not. */
const site = (name: string, onImport = ''): string => `import os, random, time
${onImport}
def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/die" or (path == "/chance" and random.random() < 0.3):
        os._exit(9)
    if path == "/hang":
        time.sleep(60)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [("${name} %d" % os.getpid() if path == "/pid" else "${name}").encode()]
`;

/** Files and words of so many sites at /s1, /s2 … */
function sites(count: number, codeOf: (number: number) => string = (number) => site(`s${String(number)}`)) {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return {
    files: Object.fromEntries(numbers.map((number) => [`s${String(number)}.py`, codeOf(number)])),
    mounts: numbers.map((number) => `--mount /s${String(number)}=s${String(number)}.py`).join(' '),
  };
}

const ask = (server: Server, path: string) => fetchOnce(server.address('http'), path);

const workersOf = async (server: Server): Promise<StatsDocument['workers']> => (await statsOf(server.address('stats'))).workers;

test(
  'Flask, Django twice and web.py at once behind one nginx, each below a location with its SCRIPT_NAME',
  { skip: requires('python3-flask', 'python3-django', 'python3-webpy', 'nginx-light') },
  async (t) => {
    const cwd = tempDir(t, { 'flask_site.py': FLASK, 'webpy_site.py': WEBPY, ...django('shop'), ...django('blog') });
    const mounts = '--mount /flask=flask_site.py --mount /web=webpy_site.py --mount /shop=shop/wsgi.py --mount /blog=blog/wsgi.py';
    const server = await startServer(t, `--socket 127.0.0.1:0 --master -p 2 --manage-script-name ${mounts}`, { cwd });
    const pass = `include /etc/nginx/uwsgi_params; uwsgi_pass ${formatAddress(server.address('uwsgi'))};`;
    const locations = ['/flask', '/web', '/shop', '/blog'].map((path) => `location ${path} { ${pass} uwsgi_param SCRIPT_NAME ${path}; }`);
    const nginx = await startNginx(t, { server: locations.join('\n') });
    const pages = await Promise.all(
      ['/flask/', '/web/', '/shop/', '/blog/'].map(async (path) => (await fetchOnce(nginx.address, path)).text),
    );
    assert.deepEqual(pages, ['Flask at /flask/', 'web.py at /web', 'shop at /shop/', 'blog at /blog/']);
  },
);

describe('twenty applications on one server', () => {
  test('lose no request of theirs by one that cannot be imported, one that dies at each request and one that does at random', async (t) => {
    const { files, mounts } = sites(20, (number) => site(`s${String(number)}`, number === 1 ? '1 // 0' : ''));
    const server = await startServer(t, `${HTTP} -p 1 -L ${mounts}`, { cwd: tempDir(t, files) });
    const others = [4, 9, 14, 20].map((number) =>
      startLoad(t, server.address('http'), { path: `/s${String(number)}/`, clients: 1, speak: 'keep-alive' }),
    );
    const started = server.log.length;
    const broken = ['/s1/', '/s2/die', '/s3/chance'].map((path) => startLoad(t, server.address('http'), { path, clients: 2 }));
    await server.line(/\/s2: worker 2 \(pid \d+\) ended with status 9; it died young again: replacing it in 800 ms/);
    const [crashed, looping, random] = await Promise.all(broken.map((load) => load.stop()));
    assert.deepEqual(Object.keys(crashed?.lost ?? {}), ['status 500']);
    assert.equal(looping?.of('ok'), 0);
    assert.ok((random?.of('ok') ?? 0) > 0, 'one that dies at random answers now and then');
    for (const load of others) {
      await load.more(50);
      assert.deepEqual((await load.stop()).lost, {});
    }
    const linesSince = server.log.slice(started).split('\n');
    assert.ok(linesSince.filter((line) => line.includes('/s2: ')).length < 40, 'the log is not flooded');
    const ids = (await workersOf(server)).map(({ id, apps }) => [id, apps[0]?.mountpoint]);
    assert.deepEqual(
      ids,
      Array.from({ length: 20 }, (_, index) => [index + 1, `/s${String(index + 1)}`]),
    );
    await eventually('/s3 serves again', async () => (await ask(server, '/s3/')).status === 200);
  });

  test('have room for all their threads, reloads included', async (t) => {
    const { files, mounts } = sites(20);
    const server = await startServer(t, `${HTTP} -p 4 --threads 20 --cheap ${mounts}`, { cwd: tempDir(t, files) });
    assert.equal((await ask(server, '/s20/')).text, 's20');
    assert.equal((await runServer(t, `reload ${server.pid}`)).status, 0);
    assert.equal((await ask(server, '/s20/')).text, 's20');
  });
});

describe('a reload of five applications under load', () => {
  for (const how of ['', ' --chain']) {
    test(`loses no request${how === '' ? '' : ', one worker after the other'}`, async (t) => {
      const { files, mounts } = sites(5);
      const cwd = tempDir(t, files);
      const server = await startServer(t, `${HTTP} -p 2 -L ${mounts}`, { cwd });
      const loads = [1, 2, 3, 4, 5].map((number) =>
        startLoad(t, server.address('http'), { path: `/s${String(number)}/`, clients: 1, speak: 'keep-alive' }),
      );
      for (const version of ['two', 'three']) {
        for (const file of Object.keys(files)) writeFileSync(join(cwd, file), site(version));
        const { status, stderr } = await runServer(t, `reload${how} ${server.pid}`);
        assert.equal(status, 0, stderr);
        await Promise.all(loads.map((load) => load.body(version)));
      }
      for (const load of loads) assert.deepEqual((await load.stop()).lost, {});
    });
  }

  test('in which a mount is taken out gives its requests to the default application, and loses none', async (t) => {
    const { files } = sites(2);
    const words = '[uwsgi]\nhttp = 127.0.0.1:0\nmaster = true\nmanage-script-name = true\nprocesses = 2\nmount = /s1=s1.py\n';
    const cwd = tempDir(t, { ...files, 'app.ini': `${words}mount = /s2=s2.py\n` });
    const server = await startServer(t, 'app.ini', { cwd });
    const load = startLoad(t, server.address('http'), { path: '/s2/', clients: 4, speak: 'keep-alive' });
    await load.body('s2');
    for (const more of ['', 'mount = /s2=s2.py\n', '']) {
      writeFileSync(join(cwd, 'app.ini'), words + more);
      assert.equal((await runServer(t, `reload ${server.pid}`)).status, 0);
      await load.more(100);
    }
    await load.body('s1');
    assert.deepEqual((await load.stop()).lost, {});
  });

  test('in which one hangs leaves the others on their old code, until it is given up', async (t) => {
    const { files, mounts } = sites(5);
    const cwd = tempDir(t, files);
    const server = await startServer(t, `${HTTP} ${mounts}`, { cwd });
    for (const number of [1, 2, 3])
      writeFileSync(join(cwd, `s${String(number)}.py`), site('new', number === 3 ? 'print("pid", os.getpid()); time.sleep(600)' : ''));
    const reload = runServer(t, `reload ${server.pid}`);
    const [, pid] = await server.line(/^pid (\d+)/);
    assert.deepEqual([(await ask(server, '/s1/')).text, (await ask(server, '/s3/')).text], ['s1', 's3']);
    process.kill(Number(pid), 'SIGKILL');
    const { status, stderr } = await reload;
    assert.equal(status, 1);
    assert.match(stderr, /the reload failed, the old workers go on serving/);
    assert.deepEqual([(await ask(server, '/s1/')).text, (await ask(server, '/s5/')).text], ['s1', 's5']);
  });

  test('that hangs does not keep the server from ending, nor leave a process behind', async (t) => {
    const { files, mounts } = sites(2);
    const words = `[uwsgi]\nhttp = 127.0.0.1:0\nmaster = true\nmanage-script-name = true\n`;
    const ini = `${words}${mounts.replaceAll('--mount ', 'mount = ').replaceAll(' mount', '\nmount')}\n`;
    const cwd = tempDir(t, { ...files, 'app.ini': ini, 'late.py': site('late', 'print("pid", os.getpid()); time.sleep(600)') });
    const server = await startServer(t, 'app.ini', { cwd });
    writeFileSync(join(cwd, 'app.ini'), `${ini}mount = /late=late.py\n`);
    server.signal('SIGHUP');
    await server.line(/^pid \d+/);
    server.signal('SIGTERM');
    assert.equal((await server.finished()).status, 0);
  });
});

describe('limits of several applications', () => {
  test('harakiri answers for one and leaves the others alone', async (t) => {
    const { files, mounts } = sites(2);
    const server = await startServer(t, `${HTTP} --harakiri 1 ${mounts}`, { cwd: tempDir(t, files) });
    const before = (await ask(server, '/s2/pid')).text;
    const [hung, quick] = await Promise.all([ask(server, '/s1/hang'), ask(server, '/s2/pid')]);
    assert.deepEqual([hung.status, quick.text], [504, before]);
    assert.equal((await ask(server, '/s2/pid')).text, before);
    assert.equal((await ask(server, '/s1/')).text, 's1');
  });

  test('max-requests and limit-as are those of each of their workers', async (t) => {
    const { files, mounts } = sites(2);
    const server = await startServer(t, `${HTTP} --max-requests 3 --min-worker-lifetime 0 --limit-as 512 ${mounts}`, {
      cwd: tempDir(t, files),
    });
    const other = (await ask(server, '/s2/pid')).text;
    for (let nth = 0; nth < 3; nth++) assert.equal((await ask(server, '/s1/')).status, 200);
    await server.line(/\/s1: worker 1 \(pid \d+\) has served 3 requests.*: its successor is started/);
    assert.equal((await ask(server, '/s2/pid')).text, other);
    // One that is listed may have left for its successor since.
    await eventually('both have the limit', async () => {
      const limits = (await workersOf(server)).map(({ pid }) => limitOf(pid, 'Max address space'));
      return limits.length === 2 && limits.every((limit) => limit === String(512 * 2 ** 20));
    });
  });

  test('scale and "+" act on each of them, and say so', async (t) => {
    const { files, mounts } = sites(2);
    const cwd = tempDir(t, files);
    const server = await startServer(t, `${HTTP} --master-fifo ${join(cwd, 'fifo')} ${mounts}`, { cwd });
    assert.equal((await runServer(t, `scale 3 ${server.pid}`)).stdout, 'up to 3 workers of each application are wanted instead of 1\n');
    await eventually('three workers of each', async () => (await workersOf(server)).filter(({ pid }) => pid > 0).length === 6);
    const ids = (await workersOf(server)).map(({ id, apps }) => `${String(id)} ${apps[0]?.mountpoint ?? ''}`);
    assert.equal(new Set(ids.map((text) => text.split(' ')[0])).size, 6);
    assert.deepEqual([ids.filter((text) => text.endsWith('/s1')).length, ids.filter((text) => text.endsWith('/s2')).length], [3, 3]);
    writeFileSync(join(cwd, 'fifo'), '-');
    await server.line(/up to 2 workers of each application are wanted instead of 3/);
    server.signal('SIGUSR1');
    await server.line(/worker 2 of \/s2 \(pid \d+\) idle: /);
  });
});

test('signals run where they were registered; locks and caches are those of the server', async (t) => {
  const code = (name: string): string => `import json, uwsgi
ran = []
uwsgi.register_signal(7, "worker1", lambda number: ran.append("${name}"))
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    path = environ["PATH_INFO"][1:]
    if path == "raise": return [json.dumps(uwsgi.signal(7)).encode()]
    if path == "lock": uwsgi.lock()
    if path == "unlock": uwsgi.unlock()
    if path == "set": uwsgi.cache_set("who", b"${name}")
    who = uwsgi.cache_get("who")
    workers = sorted(worker["id"] for worker in uwsgi.workers())
    return [json.dumps([ran, uwsgi.is_locked(), who and who.decode(), uwsgi.numproc, uwsgi.worker_id(), workers]).encode()]
`;
  const { mounts } = sites(2);
  const cwd = tempDir(t, { 's1.py': code('s1'), 's2.py': code('s2') });
  const server = await startServer(t, `${HTTP} --cache2 name=shared,items=10 ${mounts}`, { cwd });
  const seen = async (path: string): Promise<unknown> => JSON.parse((await ask(server, path)).text);
  await ask(server, '/s1/set');
  await ask(server, '/s1/lock');
  assert.deepEqual(await seen('/s2/'), [[], true, 's1', 1, 2, [1, 2]]);
  await ask(server, '/s1/unlock');
  await ask(server, '/s2/raise');
  await eventually('the signal', async () => String(((await seen('/s2/')) as unknown[])[0]) === 's2');
  assert.deepEqual(await seen('/s1/'), [[], false, 's1', 1, 1, [1, 2]]);
});
