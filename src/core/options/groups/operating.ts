import { path } from '../define.ts';

/** Orders to a server that runs already. The commands `tsuwsgi reload` and the like do the same, and wait until it is done. */
export const operating = {
  reload: path({ metavar: 'PIDFILE', immediate: true, help: 'have the server whose pid is in this file reload, and end' }),

  stop: path({ metavar: 'PIDFILE', immediate: true, help: 'have the server whose pid is in this file stop at once, and end' }),

  pause: path({
    aliases: ['suspend', 'resume'],
    metavar: 'PIDFILE',
    immediate: true,
    help: 'have the server whose pid is in this file take no more requests, with "resume" take them again, and end',
  }),
};
