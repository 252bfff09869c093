import { PlanError } from '../errors/plan.ts';
import { splitPair } from '../options/pair.ts';
import type { Options } from '../options/registry.ts';
import type { ApplicationSource, MountedApplication } from '../wire/spawner-config.ts';

/** What is loaded from a file and not from a module, as in uWSGI. */
const FILE = /\.(py|wsgi)$/;
/** What PasteDeploy takes. */
const PASTE = /^(config|egg):/;

/**
 * The applications of the options, numbered as uWSGI loads them: first that of `module` or `wsgi-file`, then those of `mount`.
 *
 * @throws PlanError where two have the same mountpoint
 */
export function planMounted(options: Options): readonly MountedApplication[] {
  const own = ownApplication(options);
  const all = [...(own === undefined ? [] : [own]), ...options.mount.map((text) => readMount(text, options))];
  const taken = new Set<string>();
  return all.map((application, number) => {
    const { mountpoint } = application;
    if (taken.has(mountpoint)) throw PlanError.sameMountpoint(mountpoint);
    taken.add(mountpoint);
    return { ...application, number };
  });
}

function ownApplication(options: Options): Omit<MountedApplication, 'number'> | undefined {
  const { module, wsgiFile, eval: code } = options;
  const callable = options.callable ?? null;
  if (module !== undefined) return { mountpoint: '', ...readModule(module, callable) };
  if (options.paste !== undefined && wsgiFile === undefined) return { mountpoint: '', ...pasted(options.paste, options) };
  if (code !== undefined) return { mountpoint: '', source: { kind: 'eval', code }, callable };
  if (wsgiFile !== undefined) return { mountpoint: '', source: { kind: 'file', path: wsgiFile }, callable };
  return undefined;
}

/** "/shop=shop.py", "/shop=package.shop:app". In uWSGI a mountpoint with a slash at its end breaks PATH_INFO; here it is the same without. */
function readMount(text: string, options: Options): Omit<MountedApplication, 'number'> {
  const callable = options.callable ?? null;
  const [path, what] = splitPair(text);
  const mountpoint = path.replace(/\/+$/, '');
  if (PASTE.test(what)) return { mountpoint, ...pasted(what, options) };
  if (FILE.test(what)) return { mountpoint, source: { kind: 'file', path: what }, callable };
  return { mountpoint, ...readModule(what, callable) };
}

function pasted(
  uri: string,
  { pasteLogger, pasteName }: Pick<Options, 'pasteLogger' | 'pasteName'>,
): Pick<MountedApplication, 'source' | 'callable'> {
  return { source: { kind: 'paste', uri, isLogged: pasteLogger }, callable: pasteName ?? null };
}

/** "package.module", "module:callable". */
export function readModule(text: string, otherwise: string | null): { source: ApplicationSource; callable: string | null } {
  const [name = '', callable] = text.split(':', 2);
  return { source: { kind: 'module', name }, callable: callable ?? otherwise };
}
