/** What rules ask about the machine. Tests answer instead of it. */
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { VirtualenvError } from '../errors/interpreter.ts';
import { versionsApart, virtualenvInterpreter } from '../plan/virtualenv.ts';
import { listenLimit } from '../util/listen-limit.ts';

export interface LintSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  /** Where the server would be started: relative paths are seen from here. */
  readonly directory: string;
  /** What stands at this absolute path; undefined where nothing does, `hidden` where we may not look. */
  readonly kindOf: (path: string) => 'file' | 'folder' | 'hidden' | undefined;
  /** The most connections that the kernel lets a listening socket hold; undefined where it does not tell. */
  readonly listenLimit: () => number | undefined;
  /** How the virtualenv in this folder is. */
  readonly virtualenv: (path: string) => VirtualenvState;
  /** Some Dockerfile in this folder, or above it in the same checkout, starts the server. */
  readonly isForContainer: (folder: string) => boolean;
}

/** What is wrong with a virtualenv, if anything is. */
export interface VirtualenvState {
  /** The server does not start with it. */
  readonly fault?: Complaint;
  /** Its packages are not for its Python. */
  readonly mismatch?: Complaint;
}

interface Complaint {
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** Those of this process. */
export function realSurroundings(): LintSurroundings {
  return { environment: process.env, directory: process.cwd(), kindOf, listenLimit, virtualenv, isForContainer };
}

function kindOf(path: string): 'file' | 'folder' | 'hidden' | undefined {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'hidden' : undefined;
  }
}

function virtualenv(path: string): VirtualenvState {
  if (!isOpen(path)) return {}; // the user of the server may see more
  try {
    const apart = versionsApart(path, virtualenvInterpreter({ text: path, path, otherPath: path }));
    if (apart === undefined) return {};
    const message = `the packages of ${path} are for Python ${apart.packages}, and its interpreter is Python ${apart.interpreter}`;
    return { mismatch: { message, suggestion: `make it anew: python3 -m venv --clear ${path}` } };
  } catch (error) {
    if (!(error instanceof VirtualenvError)) throw error;
    return { fault: { message: error.reason, suggestion: error.suggestions[0] } };
  }
}

function isOpen(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isForContainer(folder: string): boolean {
  return checkoutFolders(resolve(folder)).some((one) => imageRecipes(one).some(startsServer));
}

/** The folder and those above it, up to the root of the checkout; without a checkout, the folder alone. */
function checkoutFolders(folder: string): readonly string[] {
  const folders = [folder];
  for (let at = folder; kindOf(join(at, '.git')) === undefined; folders.push(at)) {
    if (dirname(at) === at) return [folder];
    at = dirname(at);
  }
  return folders;
}

function imageRecipes(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^(Dockerfile|Containerfile)\b|\.Dockerfile$/i.test(name))
      .map((name) => join(folder, name));
  } catch {
    return []; // a folder that we may not list
  }
}

/** A Dockerfile may as well be there for the database alone. */
function startsServer(path: string): boolean {
  try {
    return /uwsgi/i.test(readFileSync(path, 'utf8'));
  } catch {
    return false; // a folder of that name, or closed to us
  }
}
