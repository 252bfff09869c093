import { flag, mode, path, text } from '../define.ts';

/** The server as a process of its machine. */
export const system = {
  daemonize: path({
    short: 'd',
    help: 'run in the background and write the log to this file',
    note: 'The command returns when the server answers, and fails when it does not come up.',
    caution: cautionDaemonize,
  }),

  pidfile: path({ help: 'write the process id of the server to this file' }),

  vacuum: flag({ help: 'remove the Unix sockets and the pid file at exit' }),

  uid: text({ metavar: 'USER', help: 'run the application as this user: a name or a number' }),

  gid: text({ metavar: 'GROUP', help: 'run the application as this group: a name or a number' }),

  umask: mode({ immediate: true, help: 'file mode creation mask of the server and the application' }),
};

/** `daemonize = true` is in many a config file, and leaves a log called "true". */
function cautionDaemonize(value: string): string | undefined {
  if (!/^(0|1|true|false|yes|no|on|off)$/i.test(value)) return undefined;
  return `the log goes to a file called "${value}"; write the path of a log file`;
}
