import { directive, flag, paths } from '../define.ts';

/** Where options come from, and what the command line can tell about them. */
export const configuration = {
  ini: paths({
    metavar: 'FILE[:SECTION]',
    immediate: true,
    help: 'read options from this INI file, from the section [uwsgi] when none is named',
  }),

  xml: paths({
    short: 'x',
    aliases: ['xmlconfig'],
    metavar: 'FILE[:ID]',
    immediate: true,
    help: 'read options from this XML file, from the first <uwsgi> when no id is named',
  }),

  yaml: paths({
    short: 'y',
    aliases: ['yml'],
    metavar: 'FILE[:KEY]',
    immediate: true,
    help: 'read options from this YAML file, from below "uwsgi" when no key is named',
  }),

  json: paths({
    short: 'j',
    aliases: ['js'],
    metavar: 'FILE[:KEY]',
    immediate: true,
    help: 'read options from this JSON file, from the object "uwsgi" when no key is named',
  }),

  config: paths({ metavar: 'FILE[:SECTION]', immediate: true, help: 'read options from this file, whose name tells its format' }),

  include: paths({ metavar: 'FILE[:SECTION]', immediate: true, help: 'put the options of another config file in this place' }),

  inherit: paths({ metavar: 'FILE[:SECTION]', help: 'put the options of another config file behind all others, where they win' }),

  'inject-before': paths({
    metavar: 'FILE',
    immediate: true,
    help: 'put the text of this file in front of each config file read from now on',
  }),

  'inject-after': paths({ metavar: 'FILE', immediate: true, help: 'put the text of this file behind each config file read from now on' }),

  'fallback-config': directive({
    metavar: 'FILE',
    immediate: true,
    help: 'start again with this config file when the server fails to start',
  }),

  set: directive({ short: 'S', metavar: 'NAME=VALUE', immediate: true, help: 'set an option, or a value for %(NAME)' }),

  'set-placeholder': directive({
    aliases: ['set-ph'],
    metavar: 'NAME=VALUE',
    immediate: true,
    help: 'set a value for %(NAME), also where "strict" allows options only',
  }),

  resolve: directive({ metavar: 'NAME=HOST', immediate: true, help: 'set the IP address of a host as the value for %(NAME)' }),

  'declare-option': directive({
    metavar: 'NAME=TEMPLATE',
    immediate: true,
    help: 'make a new option out of others: "app=socket=$1;module=$2"',
  }),

  'declare-option2': directive({ metavar: 'NAME=TEMPLATE', help: 'the same, once all options are read' }),

  blacklist: directive({ metavar: 'NAMES', immediate: true, help: 'forbid these options from here on' }),

  'end-blacklist': directive({ arity: 'none', immediate: true, help: 'end what "blacklist" began' }),

  whitelist: directive({ metavar: 'NAMES', immediate: true, help: 'forbid all options but these from here on' }),

  'end-whitelist': directive({ arity: 'none', immediate: true, help: 'end what "whitelist" began' }),

  strict: flag({ immediate: true, help: 'refuse to start when a config file has a key that is no option' }),

  print: directive({ metavar: 'TEXT', help: 'print this once all options are read' }),

  iprint: directive({ metavar: 'TEXT', immediate: true, help: 'print this at once' }),

  'show-config': flag({ help: 'print the options as the server sees them' }),

  exit: directive({ arity: 'optional', metavar: 'STATUS', immediate: true, help: 'end at once with this status' }),

  help: flag({ short: 'h', aliases: ['usage'], immediate: true, help: 'show this help' }),

  version: flag({ help: 'show the version' }),
};
