import { flag, list, text } from '../define.ts';

/** Options of uWSGI that need nothing here: what they ask for is always so, or has no counterpart. */
export const accepted = {
  plugins: list({
    aliases: ['plugin'],
    metavar: 'NAME',
    immediate: true,
    support: 'accepted',
    help: 'load a plugin',
    note: 'Python and HTTP are built in.',
    caution: cautionPlugins,
  }),

  'plugins-dir': list({
    aliases: ['plugin-dir'],
    metavar: 'PATH',
    immediate: true,
    support: 'accepted',
    help: 'where plugins are',
    note: 'There are no plugins to load.',
  }),

  'enable-threads': flag({
    short: 'T',
    support: 'accepted',
    help: "let the application's own threads run",
    note: 'They always run.',
  }),

  'thunder-lock': flag({
    support: 'accepted',
    help: 'take turns in accepting connections',
    note: 'The kernel wakes one waiting worker for each connection.',
  }),

  'http-auto-chunked': flag({
    support: 'accepted',
    help: 'send responses of unknown length in chunks',
    note: 'Always so for HTTP/1.1 clients.',
  }),

  reaper: flag({ short: 'r', support: 'accepted', help: 'reap every child that exits', note: 'Always so.' }),

  'harakiri-verbose': flag({
    support: 'accepted',
    help: 'tell what a request was doing when harakiri ended it',
    note: 'Always so: the log shows the Python stack.',
  }),

  'ignore-sigpipe': flag({ support: 'accepted', help: 'ignore SIGPIPE', note: 'Always so.' }),

  'wsgi-env-behaviour': text({
    aliases: ['wsgi-env-behavior'],
    support: 'accepted',
    help: 'how the environ of a request is made',
    note: 'Always "holy": each request has a dict of its own, as PEP 3333 wants.',
  }),

  'early-python': flag({
    immediate: true,
    support: 'accepted',
    help: 'start Python before the rest of the server',
    note: 'Python is a process of its own from the start.',
  }),

  'py-call-osafterfork': flag({
    support: 'accepted',
    help: "run Python's hooks after a fork",
    note: 'Always so.',
  }),

  'py-call-uwsgi-fork-hooks': flag({
    support: 'accepted',
    help: "run Python's hooks around a fork",
    note: 'Always so.',
  }),
};

/** The plugins of uWSGI whose work tsuwsgi does itself, in the spellings that distributions give them. */
const BUILT_IN = /^(0:)?(.*\/)?(lib)?(python[\d.]*|http|corerouter|router_(?:redirect|rewrite|static|basicauth|expires))(_plugin\.so)?$/;

function cautionPlugins(value: string): string | undefined {
  const missing = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !BUILT_IN.test(name));
  if (missing.length === 0) return undefined;
  return `there is no plugin ${missing.map((name) => `"${name}"`).join(', ')}; the server goes on without it`;
}
