import { flag, list, mode, path, text } from '../define.ts';

/** The server as a process of its machine. */
export const system = {
  daemonize: path({
    short: 'd',
    help: 'run in the background and write the log to this file',
    note: 'The command returns when the server answers, and fails when it does not come up.',
    caution: cautionDaemonize,
  }),

  daemonize2: path({
    help: 'run in the background and write the log to this file',
    note: 'The same as daemonize, which does not return before the application is loaded either.',
    caution: cautionDaemonize,
  }),

  pidfile: path({ help: 'write the process id of the server to this file' }),

  pidfile2: path({ help: 'the same, written after root was given up' }),

  'safe-pidfile': path({ help: 'the same as pidfile2', note: 'There is one process whose id is meant: the master.' }),

  'safe-pidfile2': path({ help: 'the same as pidfile2', note: 'There is one process whose id is meant: the master.' }),

  vacuum: flag({ help: 'remove the Unix sockets and the pid file at exit' }),

  uid: text({ metavar: 'USER', help: 'run the application as this user: a name or a number' }),

  gid: text({ metavar: 'GROUP', help: 'run the application as this group: a name or a number' }),

  'add-gid': list({ metavar: 'GROUP', help: 'a further group of the application: a name or a number' }),

  'master-as-root': flag({
    support: 'partial',
    help: 'keep the master root; only its children become the user of uid and the group of gid',
    note: 'Needs the program setpriv (util-linux). The application is never imported as root, as it is in uWSGI; without a master root is given up all the same.',
  }),

  'no-initgroups': flag({ help: 'leave out the groups of which the user of uid is a member' }),

  'auto-procname': flag({
    help: 'name the processes in the list of ps by what they are: "uWSGI master", "uWSGI worker 1"',
    note: 'The list of top shows the first 15 characters of a name.',
  }),

  'procname-prefix': text({ help: 'put this in front of the names of the processes' }),

  'procname-prefix-spaced': text({ help: 'put this and a blank in front of the names of the processes' }),

  'procname-append': text({ help: 'put this behind the names of the processes' }),

  procname: text({ help: 'name of all processes' }),

  'procname-master': text({ help: 'name of the master' }),

  umask: mode({ immediate: true, help: 'file mode creation mask of the server and the application' }),
};

/** `daemonize = true` is in many a config file, and leaves a log called "true". */
function cautionDaemonize(value: string): string | undefined {
  if (!/^(0|1|true|false|yes|no|on|off)$/i.test(value)) return undefined;
  return `the log goes to a file called "${value}"; write the path of a log file`;
}
