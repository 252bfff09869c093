import { count, megabytes, seconds } from '../define.ts';

/** When a worker has served enough or has grown too large. Its successor is up before it goes. */
export const limits = {
  'max-requests': count({ short: 'R', default: 0, help: 'replace a worker after this many requests; 0 means never' }),

  'max-requests-delta': count({
    default: 0,
    help: 'add this times the number of the worker to max-requests, so that not all workers are replaced together',
  }),

  'max-worker-lifetime': seconds({ default: 0, help: 'replace a worker that is older than this; 0 means never' }),

  'max-worker-lifetime-delta': seconds({
    default: 0,
    help: 'add this to max-worker-lifetime for each worker before it, so that not all are replaced together',
  }),

  'min-worker-lifetime': seconds({ default: 10, help: 'let a worker live at least this long before one of these limits replaces it' }),

  'reload-on-as': megabytes({
    default: 0,
    help: 'replace a worker whose address space is larger than this after a request; 0 means never',
  }),

  'reload-on-rss': megabytes({ default: 0, help: 'replace a worker that holds more memory than this after a request; 0 means never' }),

  'evil-reload-on-as': megabytes({
    default: 0,
    impliesMaster: true,
    help: 'kill a worker whose address space is larger than this, in the middle of its requests; 0 means never',
  }),

  'evil-reload-on-rss': megabytes({
    default: 0,
    impliesMaster: true,
    help: 'kill a worker that holds more memory than this, in the middle of its requests; 0 means never',
  }),

  'reload-mercy': seconds({
    default: 0,
    help: 'bound worker-reload-mercy: the lower of the two counts; 0 means no bound',
    note: 'uWSGI has it for its routers and daemons, and for the Emperor.',
  }),

  'worker-reload-mercy': seconds({
    default: 60,
    help: 'kill a worker that is to go and takes longer than this to finish what it runs',
  }),

  'limit-as': megabytes({ default: 0, help: 'limit the address space of each Python process; 0 means no limit' }),

  'limit-nproc': count({
    default: 0,
    help: 'how many processes and threads the user of the server may have before a Python process can start no more; 0 means no limit',
    note: 'As everywhere in Linux, root is exempt.',
  }),
};
