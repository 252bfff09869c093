import { assignments, count, flag, list, mounts, path, paths, seconds, text, warmups } from '../define.ts';

/** Which application is served, and the Python it runs in. */
export const application = {
  'wsgi-file': path({ aliases: ['file'], help: 'load the application from this Python file' }),

  module: text({
    short: 'w',
    aliases: ['wsgi'],
    metavar: 'NAME[:CALLABLE]',
    help: 'import the application from this Python module',
  }),

  eval: text({ metavar: 'CODE', help: 'this Python code is the application' }),

  callable: text({ metavar: 'NAME', help: 'name of the application inside its file or module; "application" when not given' }),

  mount: mounts({
    aliases: ['worker-mount'],
    help: 'serve the application of this Python file or module below a path; one option for each',
    note: 'A mountpoint ends at a slash of the path, and a slash at its own end does not count.',
  }),

  'manage-script-name': flag({
    help: 'find the application by its mountpoint at the beginning of PATH_INFO, and move that to SCRIPT_NAME',
    note: 'Without it the web server chooses, by SCRIPT_NAME.',
  }),

  'no-default-app': flag({
    help: 'answer 404 outside the mountpoints; else the application without one answers, or the first',
    note: 'In uWSGI 500.',
  }),

  'single-interpreter': flag({
    short: 'i',
    help: 'let all applications of mount run together in the same workers',
    note: 'Without it each has workers of its own, as many as processes says; sub-interpreters are never used.',
  }),

  vhost: flag({
    help: 'let each request name its application: the web server sets UWSGI_SCRIPT, UWSGI_PYHOME, UWSGI_CHDIR …',
    note: 'It is started with its first request, by workers of its own. docs/virtual-hosts.md tells what may be named.',
  }),

  'vhost-host': flag({ help: 'the same as vhost' }),

  'dynamic-apps': flag({ help: 'the same as vhost' }),

  'max-apps': count({ default: 64, min: 1, help: 'so many applications that requests have named may be awake at the same time' }),

  'dynamic-root': paths({
    extension: true,
    help: 'requests may name applications, virtual environments and folders in this folder only; one option for each',
    note: 'Links do not lead out of it.',
  }),

  'ignore-script-name': flag({ help: 'choose the application without regard to SCRIPT_NAME' }),

  import: list({
    aliases: ['pyimport', 'py-import', 'python-import'],
    metavar: 'MODULE',
    help: 'import this Python module or file before the application, wherever that is loaded',
    note: 'One that cannot be imported is told in the log, and the server goes on.',
  }),

  'shared-import': list({
    aliases: ['shared-pyimport', 'shared-py-import', 'shared-python-import'],
    metavar: 'MODULE',
    help: 'import this Python module or file once for all workers, also with lazy-apps',
    note: 'One that cannot be imported is told in the log, and the server goes on.',
  }),

  'pymodule-alias': assignments({ metavar: 'NAME=MODULE', help: 'let the application import this module or file by another name' }),

  pyargv: text({ metavar: 'WORDS', help: 'what is in sys.argv behind "uwsgi", between blanks' }),

  chdir2: path({ help: 'change to this folder after the application was loaded' }),

  pythonpath: paths({
    aliases: ['python-path', 'pp'],
    help: "put this folder, or all that match this pattern, on Python's module search path",
    note: 'Seen from `chdir`. In uWSGI a pattern is seen from where the server was started, and what it finds from `chdir`.',
  }),

  virtualenv: path({
    short: 'H',
    aliases: ['home', 'venv', 'pyhome'],
    help: 'run the application with the interpreter of this virtual environment',
  }),

  python: path({
    extension: true,
    help: 'run the application with this Python interpreter',
    note: 'In uWSGI `python` runs a script inside the server. The interpreter of `virtualenv` wins over it.',
  }),

  chdir: path({ help: 'change to this folder before the application is loaded' }),

  env: assignments({ help: 'set an environment variable for the application' }),

  unenv: list({ metavar: 'NAME', help: 'remove an environment variable of the application' }),

  'lazy-apps': flag({
    help: 'load the application in each worker instead of once before they are forked',
  }),

  lazy: flag({ help: 'the older name of lazy-apps', note: 'In uWSGI it also changes what a reload does.' }),

  warmup: warmups({
    extension: true,
    help: 'ask the application for this path before the workers are forked, so that they share what its first request loads; one option for each',
    note: 'With lazy-apps in each worker, before it serves. https://HOST/PATH tells the application how clients address it. docs/warmup.md tells what to look out for.',
  }),

  'warmup-timeout': seconds({
    extension: true,
    default: 30,
    min: 1,
    needs: ['warmup'],
    help: 'give warm-ups up that together take longer than this, and start all the same',
  }),

  'py-autoreload': seconds({
    aliases: ['py-auto-reload', 'python-autoreload', 'python-auto-reload'],
    default: 0,
    impliesMaster: true,
    help: 'look this often whether a module of the application or a template beside it or its package was changed, and reload; 0 means never',
    note: 'A broken edit leaves the old code serving, and the log shows the traceback.',
  }),

  'py-auto-reload-ignore': list({
    metavar: 'MODULE',
    impliesMaster: true,
    help: 'a module whose changes do not count for py-autoreload',
  }),

  'catch-exceptions': flag({
    help: 'answer with a page that tells of an exception of the application; for development only: it shows all variables of the request',
  }),

  'reload-on-exception': flag({
    help: 'replace a worker in which the application raises an exception, once it has answered',
    note: 'In uWSGI the client gets no answer.',
  }),

  'reload-on-exception-type': list({
    metavar: 'NAME',
    help: 'replace it for an exception of this type: ValueError, or with the module as in shop.errors.Broken',
    note: 'uWSGI compares the message with it.',
  }),

  'reload-on-exception-value': list({ metavar: 'MESSAGE', help: 'replace it for an exception with this message' }),

  'reload-on-exception-repr': list({
    metavar: 'TYPE: MESSAGE',
    help: 'replace it for an exception of this type with this message, as in "ValueError: no such item"',
  }),

  locks: count({ default: 0, help: 'how many locks uwsgi.lock() has besides the first' }),

  'need-app': flag({
    default: true,
    arity: 'optional',
    help: 'refuse to start when no application could be loaded',
    note: 'On by default, as in the next version of uWSGI; `need-app = false` turns it off.',
  }),
};
