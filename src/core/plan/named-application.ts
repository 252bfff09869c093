import type { Options } from '../options/registry.ts';
import type { ApplicationSource } from '../wire/spawner-config.ts';
import { readModule } from './mounted.ts';

/** Requests may name their application. */
export function isDynamic({ vhost, vhostHost, dynamicApps }: Options): boolean {
  return vhost || vhostHost || dynamicApps;
}

/** An application that a request names, as the web server's administrator wants it. Paths as they were written. */
export interface NamedApplication {
  /** What its site is known by: requests that name the same are for the same. */
  readonly site: string;
  readonly source: ApplicationSource;
  readonly callable: string | null;
  /** UWSGI_PYHOME, UWSGI_HOME: its virtual environment. */
  readonly virtualenv: string | undefined;
  /** UWSGI_CHDIR: where it is loaded and runs. */
  readonly directory: string | undefined;
  /** UWSGI_TOUCH_RELOAD: a file. */
  readonly touchReload: string | undefined;
}

/**
 * Which application the variables of a request name: UWSGI_SCRIPT ("module", "module:callable"), UWSGI_MODULE with UWSGI_CALLABLE, or UWSGI_FILE.
 *
 * @param get a variable of the request; empty where there is none
 * @returns undefined where they name none
 */
export function applicationNamedBy(get: (name: string) => string): NamedApplication | undefined {
  const what = sourceNamedBy(get);
  if (what === undefined) return undefined;
  const places = {
    virtualenv: given(get('UWSGI_PYHOME')) ?? given(get('UWSGI_HOME')),
    directory: given(get('UWSGI_CHDIR')),
    touchReload: given(get('UWSGI_TOUCH_RELOAD')),
  };
  return { ...what, ...places, site: nameOf(get('UWSGI_APPID'), what, places) };
}

type What = Pick<NamedApplication, 'source' | 'callable'>;

function sourceNamedBy(get: (name: string) => string): What | undefined {
  const callable = given(get('UWSGI_CALLABLE')) ?? null;
  const file = given(get('UWSGI_FILE'));
  if (file !== undefined) return { source: { kind: 'file', path: file }, callable };
  const module = given(get('UWSGI_SCRIPT')) ?? given(get('UWSGI_MODULE'));
  return module === undefined ? undefined : readModule(module, callable);
}

/** In words, since the log calls it so. */
function nameOf(
  id: string,
  { source, callable }: What,
  { virtualenv, directory }: Pick<NamedApplication, 'virtualenv' | 'directory'>,
): string {
  const what = source.kind === 'file' ? source.path : source.kind === 'module' ? source.name : '';
  return [
    ...(id === '' ? [] : [`${id}:`]),
    `${what}${callable === null ? '' : `:${callable}`}`,
    ...(directory === undefined ? [] : [`in ${directory}`]),
    ...(virtualenv === undefined ? [] : [`with ${virtualenv}`]),
  ].join(' ');
}

function given(text: string): string | undefined {
  return text === '' ? undefined : text;
}
