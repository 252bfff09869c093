/**
 * Hooks as uWSGI writes them: `mkdir:/run/app`, `chmod:/run/app 770`. What an action works on is cut at its blanks, without quotes, so
 * a path holds none; the last word takes all that is left.
 */
import { constants } from 'node:os';

/** The actions, with what each one works on. */
const ACTIONS = {
  exec: ['COMMAND'],
  safeexec: ['COMMAND'],
  print: ['TEXT'],
  log: ['TEXT'],
  cd: ['PATH'],
  chdir: ['PATH'],
  mkdir: ['PATH'],
  create: ['PATH'],
  creat: ['PATH'],
  write: ['PATH', 'TEXT'],
  writen: ['PATH', 'TEXT'],
  append: ['PATH', 'TEXT'],
  appendn: ['PATH', 'TEXT'],
  writefifo: ['PATH', 'TEXT'],
  unlink: ['PATH'],
  chmod: ['PATH', 'MODE'],
  sticky: ['PATH'],
  chown: ['PATH', 'USER', 'GROUP'],
  chown2: ['PATH', 'UID', 'GID'],
  putenv: ['NAME=VALUE'],
  wait_for_fs: ['PATH'],
  wait_for_file: ['PATH'],
  wait_for_dir: ['PATH'],
  wait_for_socket: ['ADDRESS'],
  exit: ['STATUS'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type HookAction = keyof typeof ACTIONS;

/** What the last word has to look like. */
const PATTERNS: Readonly<Partial<Record<HookAction, RegExp>>> = {
  chmod: /^[0-7]{1,4}$/,
  chown2: /^\d+$/,
  exit: /^\d{0,3}$/,
  putenv: /^[^=]+/,
};

/** Something to do at a moment of the server's life. */
export interface Hook {
  readonly action: HookAction;
  /** As many as the action takes. */
  readonly words: readonly string[];
  /** What the user wrote; the log shows it. */
  readonly text: string;
}

/** `unix_signal:15 gracefully_kill_them_all`: what a signal asks the master for. */
export interface SignalHook {
  readonly signal: NodeJS.Signals;
  readonly order: SignalOrder;
}

type SignalOrder = 'stop-gracefully' | 'stop-now' | 'reload' | 'toggle-pause' | 'log-stats' | 'reopen-log' | 'rotate-log';

/** A file that is watched, and what to do when it is touched. */
export interface TouchHook {
  readonly path: string;
  readonly hook: Hook;
}

/** uWSGI calls a function of its own binary by name; these are the ones for signals. */
const SIGNAL_FUNCTIONS: Readonly<Record<string, SignalOrder>> = {
  gracefully_kill_them_all: 'stop-gracefully',
  kill_them_all: 'stop-now',
  grace_them_all: 'reload',
  reap_them_all: 'reload',
  suspend_resume_them_all: 'toggle-pause',
  stats: 'log-stats',
  uwsgi_log_reopen: 'reopen-log',
  uwsgi_log_rotate: 'rotate-log',
};

const SIGNAL_PREFIX = 'unix_signal:';

/** @throws RangeError that says what a hook is */
export function parseHook(text: string): Hook {
  const colon = text.indexOf(':');
  const action = text.slice(0, Math.max(colon, 0));
  if (!isAction(action))
    throw new RangeError(`one of the actions that tsuwsgi has, with a colon behind it: ${Object.keys(ACTIONS).join(', ')};`);
  const words = split(text.slice(colon + 1), ACTIONS[action].length);
  if (words === undefined || !(PATTERNS[action]?.test(words.at(-1) ?? '') ?? true)) throw new RangeError(formOf(action));
  return { action, words, text };
}

/** What `hook-master-start` takes: any hook, or what a signal does. */
export function parseMasterHook(text: string): Hook | SignalHook {
  return text.startsWith(SIGNAL_PREFIX) ? parseSignal(text.slice(SIGNAL_PREFIX.length)) : parseHook(text);
}

/** What `exec-*` takes: the command of an `exec` hook. */
export function parseCommand(text: string): Hook {
  if (text === '') throw new RangeError('a command');
  return { action: 'exec', words: [text], text };
}

/** `PATH ACTION:ARGUMENT`, or `PATH COMMAND`: what follows the path is read as `parse` does. */
export function parseTouch(text: string, parse: (text: string) => Hook): TouchHook {
  const [path, rest] = split(text, 2) ?? [];
  if (path === undefined || rest === undefined) throw new RangeError('PATH and, behind a blank, what to do');
  return { path, hook: parse(rest) };
}

function isAction(name: string): name is HookAction {
  return Object.hasOwn(ACTIONS, name);
}

function formOf(action: HookAction): string {
  return `${action}:${ACTIONS[action].join(' ')}`;
}

/** So many words, the last of them with all blanks of its own; undefined where there are fewer. */
function split(text: string, count: number): string[] | undefined {
  if (count === 1) return [text];
  const blank = text.indexOf(' ');
  if (blank === -1) return undefined;
  const rest = split(text.slice(blank + 1), count - 1);
  return rest && [text.slice(0, blank), ...rest];
}

function parseSignal(text: string): SignalHook {
  const [number = '', name = ''] = split(text, 2) ?? [];
  const signal = Object.entries(constants.signals).find(([, each]) => String(each) === number)?.[0];
  const order = SIGNAL_FUNCTIONS[name];
  if (signal !== undefined && order !== undefined) return { signal: signal as NodeJS.Signals, order };
  throw new RangeError(`unix_signal:NUMBER FUNCTION with one of the functions ${Object.keys(SIGNAL_FUNCTIONS).join(', ')}`);
}
