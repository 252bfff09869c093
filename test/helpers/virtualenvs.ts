import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PYTHON } from './paths.ts';

/** What differs from a sound virtualenv of Debian's Python. */
export interface VirtualenvOptions {
  readonly python?: string;
  /** More lines of pyvenv.cfg. */
  readonly settings?: string;
  /** Files below site-packages. */
  readonly packages?: Readonly<Record<string, string>>;
}

/** Makes a virtualenv as `python -m venv --without-pip` does, without running that. */
export function makeVirtualenv(path: string, { python = PYTHON, settings = '', packages = {} }: VirtualenvOptions = {}): void {
  mkdirSync(join(path, 'bin'), { recursive: true });
  writeFileSync(join(path, 'pyvenv.cfg'), `home = ${dirname(python)}\ninclude-system-site-packages = false\n${settings}`);
  symlinkSync(python, join(path, 'bin/python3'));
  const folder = join(path, 'lib', `python${versionOf(python)}`, 'site-packages');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(packages)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** `3.11`, of an interpreter that runs. */
export function versionOf(python: string): string {
  return execFileSync(python, ['-c', 'import sys; sys.stdout.write("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' });
}

/** Interpreters of other versions that this machine happens to have: Debian's, and those of pyenv. */
export function otherInterpreters(): readonly string[] {
  const ownVersion = versionOf(PYTHON);
  const debian = filesIn('/usr/bin').filter((path) => /\/python\d\.\d+$/.test(path));
  const root = process.env['PYENV_ROOT'] ?? join(process.env['HOME'] ?? '/', '.pyenv');
  const pyenv = filesIn(join(root, 'versions')).flatMap((folder) =>
    filesIn(join(folder, 'bin')).filter((path) => /\/python\d\.\d+$/.test(path)),
  );
  return [...debian, ...pyenv].filter((path) => !path.endsWith(`python${ownVersion}`));
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return []; // no such folder on this machine
  }
}
