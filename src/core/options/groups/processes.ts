import { count, flag, paths, seconds } from '../define.ts';

/** How many processes and threads run the application. */
export const processes = {
  master: flag({ short: 'M', help: 'supervise the workers from a master process' }),

  processes: count({ short: 'p', aliases: ['workers'], default: 1, min: 1, help: 'how many workers to fork' }),

  threads: count({ default: 1, min: 1, help: 'how many requests each worker runs at a time, each in a thread of its own' }),

  'thread-stacksize': count({
    aliases: ['threads-stacksize', 'thread-stack-size', 'threads-stack-size'],
    metavar: 'KILOBYTES',
    default: 0,
    help: 'how large the stack of each of these threads is; 0 leaves it to the system',
    note: 'Not of the first, which has the stack of its process. At least 32, which Python wants.',
  }),

  harakiri: seconds({ short: 't', default: 0, help: 'end a request that runs longer than this; 0 means never' }),

  'slow-request': seconds({
    extension: true,
    default: 0,
    help: 'show a request that runs longer than this in the log, with the place where the application is; 0 means never',
  }),

  'touch-reload': paths({ impliesMaster: true, help: 'reload gracefully when this file is touched' }),

  'touch-workers-reload': paths({
    impliesMaster: true,
    help: 'the same',
    note: 'In uWSGI a reload of the workers alone; here every reload renews the code beside the old and loses nothing.',
  }),

  'touch-chain-reload': paths({
    impliesMaster: true,
    help: 'reload one worker after the other when this file is touched',
    note: 'Takes longer than a reload of all at once, and no more memory than one worker more. Old and new code serve side by side meanwhile.',
  }),

  'master-fifo': paths({
    impliesMaster: true,
    help: 'make a FIFO here on which each character is an order: r reloads, q stops',
    note: 'docs/operating.md has all characters.',
  }),

  'no-orphans': flag({
    help: 'end the workers at once when the master dies',
    note: 'Without it, what runs may take two seconds more.',
  }),

  'die-on-term': flag({
    default: true,
    help: 'stop on SIGTERM once the running requests are finished',
    note: 'On by default, as in the next version of uWSGI; with `die-on-term = false` SIGTERM reloads.',
  }),

  'drain-delay': seconds({
    extension: true,
    default: 0,
    help: 'before a graceful stop, report not ready and serve on for this long, so that load balancers notice',
    note: 'docs/operating.md tells where they ask.',
  }),
};
