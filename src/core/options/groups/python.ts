import { count, flag, pasteUri, path, paths, text } from '../define.ts';

/** How the interpreter is started, and applications that Paste makes. */
export const python = {
  'no-site': flag({
    help: 'start Python without its packages: only the standard library, pythonpath and the current folder are searched',
  }),

  optimize: count({
    short: 'O',
    default: 0,
    help: 'leave assertions out of the code of Python (1), and docstrings too (2)',
  }),

  'py-executable': path({
    aliases: ['py-sys-executable'],
    help: 'what the application finds as sys.executable',
    note: 'In uWSGI it is uWSGI itself without this option; here it is the interpreter.',
  }),

  'py-programname': path({
    aliases: ['py-program-name'],
    help: 'run the application with this Python interpreter, unless virtualenv or python names one',
    note: 'uWSGI finds the packages of this interpreter and runs its own.',
  }),

  'early-pythonpath': paths({
    aliases: ['early-python-path'],
    immediate: true,
    help: "put this folder on Python's module search path, behind those of pythonpath",
  }),

  paste: pasteUri({
    metavar: 'config:FILE[#NAME]',
    help: 'let PasteDeploy make the application, from a section of this file',
    note: 'Needs the package PasteDeploy where the application runs. A relative file is seen from `chdir`; in uWSGI it must be absolute.',
  }),

  'ini-paste': paths({
    metavar: 'FILE',
    immediate: true,
    help: 'read options from the section [uwsgi] of this INI file, and let PasteDeploy make the application from the rest of it',
  }),

  'ini-paste-logged': paths({
    metavar: 'FILE',
    immediate: true,
    help: 'the same, with paste-logger',
  }),

  'paste-logger': flag({
    help: "set Python's logging up from the file of paste",
    note: '`%(here)s` and `%(__file__)s` have values in it, as under pserve.',
  }),

  'paste-name': text({ metavar: 'NAME', help: 'make this application of the file of paste; "main" when not given' }),
};
