/**
 * What the tests and benches need beside Node: Debian's packages and two of PyPI, what each is for, and how to see whether it is there.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Debian's own Python, the one that the packages below belong to. */
const PYTHON = '/usr/bin/python3';

/** Where the packages of PyPI are looked for; only the benches have use for them. */
export const PEERS = join(dirname(dirname(fileURLToPath(import.meta.url))), '.peers');

const PROGRAM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * @typedef {object} Requirement
 * @property {'tests' | 'benches'} by who needs it
 * @property {string} purpose
 * @property {'PyPI'} [from] where Debian has it not
 * @property {{ program: string } | { module: string } | { file: string }} probe what is there once it is installed
 */

/** @satisfies {Record<string, Requirement>} */
export const REQUIREMENTS = {
  python3: { by: 'tests', purpose: 'runs the applications', probe: { file: PYTHON } },
  'python3-flask': { by: 'tests', purpose: 'Flask applications', probe: { module: 'flask' } },
  'python3-django': { by: 'tests', purpose: 'Django sites', probe: { module: 'django' } },
  'python3-webpy': { by: 'tests', purpose: 'web.py applications', probe: { module: 'web' } },
  'python3-uwsgidecorators': {
    by: 'tests',
    purpose: "uWSGI's decorators",
    probe: { file: '/usr/lib/python3/dist-packages/uwsgidecorators.py' },
  },
  'python3-bottle': { by: 'tests', purpose: 'bottle applications', probe: { module: 'bottle' } },
  'python3-prometheus-client': { by: 'tests', purpose: 'reads and makes metrics', probe: { module: 'prometheus_client' } },
  'python3-pastedeploy': { by: 'tests', purpose: 'applications of Paste', probe: { module: 'paste.deploy' } },
  'nginx-light': {
    by: 'tests',
    purpose: 'the web server in front: uwsgi_pass, fastcgi_pass, scgi_pass and proxy_pass',
    probe: { program: 'nginx' },
  },
  uwsgi: { by: 'tests', purpose: 'the original, to compare with', probe: { program: 'uwsgi' } },
  'uwsgi-plugin-python3': { by: 'tests', purpose: "the original's Python", probe: { file: '/usr/lib/uwsgi/plugins/python3_plugin.so' } },
  libfaketime: {
    by: 'tests',
    purpose: 'clocks that jump',
    probe: { file: '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1' },
  },
  'libfcgi-bin': { by: 'tests', purpose: 'the client of the FastCGI library itself: cgi-fcgi', probe: { program: 'cgi-fcgi' } },
  openssl: { by: 'tests', purpose: 'makes certificates', probe: { program: 'openssl' } },
  chromium: { by: 'tests', purpose: 'a browser, for the dashboard', probe: { program: 'chromium' } },
  curl: { by: 'tests', purpose: 'a client of HTTP/2', probe: { program: 'curl' } },
  tmux: { by: 'tests', purpose: 'a terminal that can be looked at', probe: { program: 'tmux' } },
  wrk: { by: 'benches', purpose: 'makes the load', probe: { program: 'wrk' } },
  gunicorn: { by: 'benches', purpose: 'a peer', probe: { program: 'gunicorn' } },
  apache2: {
    by: 'tests',
    purpose: 'the other web server in front: mod_proxy_fcgi and mod_proxy_scgi; a peer of the benches with mod_wsgi',
    probe: { program: 'apache2' },
  },
  'libapache2-mod-wsgi-py3': { by: 'benches', purpose: 'a peer', probe: { file: '/usr/lib/apache2/modules/mod_wsgi.so' } },
  'python3-waitress': { by: 'benches', purpose: 'a peer', probe: { module: 'waitress' } },
  granian: { by: 'benches', purpose: 'a peer', from: 'PyPI', probe: { file: join(PEERS, 'granian/__init__.py') } },
  bjoern: { by: 'benches', purpose: 'a peer', from: 'PyPI', probe: { file: join(PEERS, 'bjoern.py') } },
};

/**
 * The packages of these names that are not there.
 *
 * @param {readonly string[]} names
 * @returns {string[]}
 */
export function missing(names) {
  /** @type {Readonly<Record<string, Requirement>>} */
  const table = REQUIREMENTS;
  return names.filter((name) => {
    const requirement = table[name];
    if (!requirement) throw new Error(`${name} is not in the table of scripts/requirements.js`);
    return !isThere(requirement.probe);
  });
}

/**
 * How to get these packages, as what stands behind "needs".
 *
 * @param {readonly string[]} names
 * @returns {string}
 */
export function nameSources(names) {
  /** @type {Readonly<Record<string, Requirement>>} */
  const table = REQUIREMENTS;
  const ofPypi = names.filter((name) => table[name]?.from === 'PyPI');
  const ofDebian = names.filter((name) => !ofPypi.includes(name));
  return [
    ...(ofDebian.length > 0 ? [`the Debian package ${ofDebian.join(', ')}`] : []),
    ...(ofPypi.length > 0 ? [`${ofPypi.join(', ')} in .peers (pip install --target .peers)`] : []),
  ].join(' and ');
}

/**
 * The names of all packages that someone needs.
 *
 * @param {Requirement['by']} by
 * @returns {string[]}
 */
export function neededBy(by) {
  return Object.entries(REQUIREMENTS)
    .filter(([, requirement]) => requirement.by === by)
    .map(([name]) => name);
}

/**
 * @param {Requirement['probe']} probe
 * @returns {boolean}
 */
function isThere(probe) {
  if ('file' in probe) return isReadable(probe.file);
  if ('program' in probe) return PROGRAM_FOLDERS.some((folder) => isReadable(join(folder, probe.program)));
  try {
    execFileSync(PYTHON, ['-c', `import ${probe.module}`], { stdio: 'ignore' });
    return true;
  } catch {
    // Python, or the module, is not there.
    return false;
  }
}

/**
 * @param {string} path
 * @returns {boolean}
 */
function isReadable(path) {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    // Not there, or not for us: both mean that it cannot be used.
    return false;
  }
}
