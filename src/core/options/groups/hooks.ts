import { commands, hooks, masterHooks, touches } from '../define.ts';
import { parseCommand, parseHook } from '../hook.ts';

/** Things to do at a certain moment of the server's life, in the order of these moments. See docs/hooks.md. */
export const moments = {
  'hook-asap': hooks({ help: 'do this first of all' }),
  'exec-asap': commands({ help: 'run this command first of all' }),

  'hook-pre-jail': hooks({ help: 'do this once the pid file is written', note: 'There is no jail here.' }),
  'exec-pre-jail': commands({ help: 'run this command once the pid file is written', note: 'There is no jail here.' }),

  'hook-in-jail': hooks({ help: 'do this after hook-pre-jail', note: 'There is no jail here.' }),
  'exec-in-jail': commands({ help: 'run this command after exec-pre-jail', note: 'There is no jail here.' }),

  'hook-as-root': hooks({ help: 'do this as root, before the addresses are bound and root is given up' }),
  'exec-as-root': commands({ help: 'run this command as root, before the addresses are bound and root is given up' }),

  'hook-as-user': hooks({ help: 'do this as the user of the server, once root was given up' }),
  'exec-as-user': commands({ help: 'run this command as the user of the server, once root was given up' }),

  'hook-pre-app': hooks({ help: 'do this before the application is loaded' }),
  'exec-pre-app': commands({ help: 'run this command before the application is loaded' }),

  'hook-post-app': hooks({ help: 'do this after the application was loaded' }),
  'exec-post-app': commands({ help: 'run this command after the application was loaded' }),

  'hook-post-fork': hooks({ help: 'do this in each worker when it begins' }),

  'hook-accepting': hooks({ help: 'do this in each worker before it takes requests' }),
  'hook-accepting-once': hooks({ help: 'the same, but not again in a worker that replaces another one' }),
  'hook-accepting1': hooks({ help: 'do this in worker 1 before it takes requests' }),
  'hook-accepting1-once': hooks({ help: 'the same, but not again when that worker is replaced' }),

  'hook-master-start': masterHooks({
    help: 'do this in the master when the first workers are ready, or let a signal ask it for something',
  }),

  'hook-touch': touches(parseHook, { metavar: 'PATH ACTION:ARGUMENT', help: 'do this whenever the file is touched' }),
  'touch-exec': touches(parseCommand, {
    metavar: 'PATH COMMAND',
    impliesMaster: true,
    help: 'run this command whenever the file is touched',
  }),

  'hook-as-user-atexit': hooks({ help: 'do this last of all' }),
  'exec-as-user-atexit': commands({ help: 'run this command last of all' }),
};
