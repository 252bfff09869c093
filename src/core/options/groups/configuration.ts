import { flag, paths } from '../define.ts';

/** Where options come from, and what the command line can tell about them. */
export const configuration = {
  ini: paths({
    aliases: ['include'],
    metavar: 'FILE[:SECTION]',
    help: 'read options from this file, from the section [uwsgi] when none is named',
    note: 'uWSGI has `include` as an option of its own that takes no section.',
  }),

  strict: flag({ help: 'refuse to start when a config file has a key that is no option' }),

  help: flag({ short: 'h', aliases: ['usage'], help: 'show this help' }),

  version: flag({ help: 'show the version' }),
};
