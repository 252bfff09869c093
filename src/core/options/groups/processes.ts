import { count, flag, megabytes, paths, seconds } from '../define.ts';

/** How many processes and threads run the application, and when one is replaced. */
export const processes = {
  master: flag({ short: 'M', help: 'supervise the workers from a master process' }),

  processes: count({ short: 'p', aliases: ['workers'], default: 1, min: 1, help: 'how many workers to fork' }),

  threads: count({ default: 1, min: 1, help: 'how many requests each worker runs at a time, each in a thread of its own' }),

  harakiri: seconds({ short: 't', default: 0, help: 'end a request that runs longer than this; 0 means never' }),

  'max-requests': count({ short: 'R', default: 0, help: 'replace a worker after this many requests; 0 means never' }),

  'min-worker-lifetime': seconds({ default: 10, help: 'let a worker live at least this long before max-requests replaces it' }),

  'limit-as': megabytes({ default: 0, help: 'limit the address space of each Python process; 0 means no limit' }),

  'touch-reload': paths({ impliesMaster: true, help: 'reload gracefully when this file is touched' }),

  'die-on-term': flag({
    default: true,
    help: 'stop on SIGTERM once the running requests are finished',
    note: 'On by default, as in the next version of uWSGI; with `die-on-term = false` SIGTERM reloads.',
  }),
};
