/** What the application is asked for before the first client comes. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fetchOnce } from '../helpers/http.ts';
import { requires } from '../helpers/requirements.ts';
import { runServer, startServer } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';

const SERVE = '--http-socket 127.0.0.1:0 --wsgi-file app.py --master';

/** Imports a module at its first request, which tells where that was. */
const APP = `
import os, signal, sys, time

def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/broken":
        raise ValueError("broken")
    if path == "/slow":
        time.sleep(60)
    if path == "/deaf":
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(60)
    if path == "/crash":
        os.abort()
    if path == "/pid":
        start_response("200 OK", [])
        return [b"%d %d" % (sys.modules["late"].pid if "late" in sys.modules else 0, os.getpid())]
    import late
    start_response("200 OK", [])
    return [b""]
`;

const FILES = { 'app.py': APP, 'late.py': 'import os\npid = os.getpid()\n' };

const DJANGO = `
from django.conf import settings
settings.configure(
    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.db", "CONN_MAX_AGE": 600}}
)
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.urls import path

def page(request):
    with connection.cursor() as cursor:
        cursor.execute("create table if not exists items (name)")
    return HttpResponse("ok")

urlpatterns = [path("", page)]
application = get_wsgi_application()
`;

/** In which process the module was imported, before somebody asks for it, and which one answers. */
async function pids(address: Parameters<typeof fetchOnce>[0], mountpoint = ''): Promise<readonly [imported: number, answering: number]> {
  const { text } = await fetchOnce(address, `${mountpoint}/pid`);
  const [imported = NaN, answering = NaN] = text.split(' ').map(Number);
  return [imported, answering];
}

describe('warmup', { concurrency: 2 }, () => {
  test('has the first request done before the workers are forked, again after a reload, and in no log of requests', async (t) => {
    const cwd = tempDir(t, FILES);
    const server = await startServer(t, `${SERVE} -p 2 --warmup /page?a=1`, { cwd });
    const address = server.address('http-socket');
    assert.equal(server.lines(/warm-up of \/page\?a=1: 200 in \d\.\d\d s$/).length, 1);
    const spawner = Number(server.lines(/python .*\(pid (\d+)\)/)[0]?.[1]);
    assert.deepEqual((await pids(address))[0], spawner);
    assert.deepEqual(server.lines(/GET \/page/), []);
    server.signal('SIGHUP');
    await server.line(/reloaded: 2 new workers serve/);
    assert.equal(server.lines(/warm-up of \/page\?a=1: 200/).length, 2);
    const [imported] = await pids(address);
    assert.notEqual(imported, spawner);
    assert.notEqual(imported, 0);
  });

  test('is done by each worker with lazy-apps', async (t) => {
    const server = await startServer(t, `${SERVE} -p 2 --lazy-apps --warmup /`, { cwd: tempDir(t, FILES) });
    const [imported, answering] = await pids(server.address('http-socket'));
    assert.equal(imported, answering);
    assert.deepEqual(
      server
        .lines(/worker (\d): warm-up of \/: 200/)
        .map(([, worker]) => worker)
        .toSorted(),
      ['1', '2'],
    );
  });

  test('asks the application that is mounted there', async (t) => {
    const line = '--http-socket 127.0.0.1:0 --mount /a=app.py --mount /b=app.py --manage-script-name --master --warmup /b/x';
    const server = await startServer(t, line, { cwd: tempDir(t, FILES) });
    const address = server.address('http-socket');
    assert.equal((await pids(address, '/a'))[0], 0);
    assert.notEqual((await pids(address, '/b'))[0], 0);
    assert.equal(server.lines(/warm-up of \/b\/x: 200/).length, 1);
  });

  test('does not keep the server from starting where it fails or takes too long', async (t) => {
    const line = `${SERVE} --warmup /broken --warmup /slow --warmup / --warmup-timeout 1`;
    const server = await startServer(t, line, { cwd: tempDir(t, FILES) });
    // Others may write between the two.
    assert.match(server.log, /ValueError: broken\n(?:.*\n)*.*warm-up of \/broken: 500 in .* failed with ValueError/);
    assert.match(server.log, /app\.py", line \d+, in application\n +time\.sleep\(60\)/);
    assert.match(server.log, /warm-up of \/slow: given up after [01]\.\d\d s/);
    assert.match(server.log, /warm-up of \/: left out/);
    assert.equal((await fetchOnce(server.address('http-socket'), '/')).status, 200);
  });

  test('is left out where it cannot even be interrupted', async (t) => {
    const server = await startServer(t, `${SERVE} --warmup /deaf --warmup-timeout 1`, { cwd: tempDir(t, FILES) });
    const [, pid] = server.lines(/a warm-up cannot be interrupted: killing pid (\d+); its Python stack:/)[0] ?? [];
    assert.match(server.log, /app\.py", line \d+ in application/);
    const [imported, answering] = await pids(server.address('http-socket'));
    assert.equal(imported, 0);
    assert.notEqual(answering, Number(pid));
  });

  test('is left out where it has ended its process', async (t) => {
    const server = await startServer(t, `${SERVE} --warmup / --warmup /crash`, { cwd: tempDir(t, FILES) });
    assert.equal(server.lines(/the spawner was ended by SIGABRT in a warm-up: the application is loaded again without warm-ups/).length, 1);
    assert.equal((await pids(server.address('http-socket')))[0], 0);
  });

  test('leaves no connection of Django open, which keeps them', { skip: requires('python3-django') }, async (t) => {
    const line = `${SERVE} -p 2 --python /usr/bin/python3 --warmup /`;
    const server = await startServer(t, line, { cwd: tempDir(t, { 'app.py': DJANGO }) });
    assert.equal(server.lines(/warm-up of \/: 200/).length, 1);
    assert.deepEqual(server.lines(/fork safety/), []);
    assert.equal((await fetchOnce(server.address('http-socket'), '/')).text, 'ok');
  });

  test('is refused where it is no path, with file and line', async (t) => {
    const cwd = tempDir(t, FILES);
    writeFileSync(join(cwd, 'app.ini'), '[uwsgi]\nhttp-socket = 127.0.0.1:0\nwsgi-file = app.py\nwarmup = page\n');
    const { status, output } = await runServer(t, 'config validate app.ini', { cwd });
    assert.equal(status, 1);
    assert.match(output, /app\.ini:4: error: "warmup" takes a path that begins with a slash.*, not "page"/);
  });
});
