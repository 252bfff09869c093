import type { Hook, SignalHook, TouchHook } from '../options/hook.ts';
import type { Options } from '../options/registry.ts';
import type { PythonHooks } from '../wire/spawner-config.ts';

/** One thing to do, with the option that asks for it: what the log says. */
export interface HookStep extends Hook {
  readonly option: string;
}

/** The moments of the master, in their order. */
type MasterMoment = 'asap' | 'pre-jail' | 'in-jail' | 'as-root' | 'as-user' | 'master-start' | 'as-user-atexit';

/** What is done at which moment of the server's life. */
export interface HooksPlan {
  readonly master: Readonly<Record<MasterMoment, readonly HookStep[]>>;
  /** The moments of the spawner and its workers. */
  readonly python: PythonHooks;
  readonly touched: readonly { readonly path: string; readonly step: HookStep }[];
  /** What further signals ask the master for, or what they ask for in place of the usual. */
  readonly signals: Readonly<Partial<Record<NodeJS.Signals, SignalHook['order']>>>;
}

/** At each moment the hooks come first and then the commands, as in uWSGI. */
export function planHooks(options: Options): HooksPlan {
  const startHooks = options.hookMasterStart;
  return {
    master: {
      asap: [...named('hook-asap', options.hookAsap), ...named('exec-asap', options.execAsap)],
      'pre-jail': [...named('hook-pre-jail', options.hookPreJail), ...named('exec-pre-jail', options.execPreJail)],
      'in-jail': [...named('hook-in-jail', options.hookInJail), ...named('exec-in-jail', options.execInJail)],
      'as-root': [...named('hook-as-root', options.hookAsRoot), ...named('exec-as-root', options.execAsRoot)],
      'as-user': [...named('hook-as-user', options.hookAsUser), ...named('exec-as-user', options.execAsUser)],
      'master-start': named('hook-master-start', startHooks.filter(isHook)),
      'as-user-atexit': [
        ...named('hook-as-user-atexit', options.hookAsUserAtexit),
        ...named('exec-as-user-atexit', options.execAsUserAtexit),
      ],
    },
    python: {
      'pre-app': [...named('hook-pre-app', options.hookPreApp), ...named('exec-pre-app', options.execPreApp)],
      'post-app': [...named('hook-post-app', options.hookPostApp), ...named('exec-post-app', options.execPostApp)],
      'post-fork': named('hook-post-fork', options.hookPostFork),
      accepting: named('hook-accepting', options.hookAccepting),
      'accepting-once': named('hook-accepting-once', options.hookAcceptingOnce),
      accepting1: named('hook-accepting1', options.hookAccepting1),
      'accepting1-once': named('hook-accepting1-once', options.hookAccepting1Once),
    },
    touched: [...touched('hook-touch', options.hookTouch), ...touched('touch-exec', options.touchExec)],
    signals: Object.fromEntries(startHooks.flatMap((each) => (isHook(each) ? [] : [[each.signal, each.order]]))),
  };
}

function isHook(hook: Hook | SignalHook): hook is Hook {
  return 'action' in hook;
}

function named(option: string, hooks: readonly Hook[]): readonly HookStep[] {
  return hooks.map((hook) => ({ ...hook, option }));
}

function touched(option: string, hooks: readonly TouchHook[]): HooksPlan['touched'] {
  return hooks.map(({ path, hook }) => ({ path, step: { ...hook, option } }));
}
