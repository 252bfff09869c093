import { address, bytes, flag, mode, path, paths } from '../define.ts';

/** What the server tells about itself. */
export const logs = {
  logto: path({ help: 'write the log to this file' }),

  logto2: path({ help: 'write the log to this file, opened after root was given up' }),

  'log-truncate': flag({ help: 'empty the log file at the start' }),

  'logfile-chmod': mode({ help: 'permissions of the log file' }),

  'logfile-chown': flag({ help: 'make the log the file of the user of uid and the group of gid' }),

  'log-maxsize': bytes({
    default: 0,
    impliesMaster: true,
    help: 'rotate the log when it is larger than this; 0 means never',
  }),

  'log-backupname': path({
    help: 'what a rotated log is called',
    note: 'Without it, the name of the log and the time in seconds since 1970, of which none is ever overwritten.',
  }),

  'touch-logrotate': paths({ impliesMaster: true, help: 'rotate the log when this file is touched' }),

  'touch-logreopen': paths({ impliesMaster: true, help: 'open the log file anew when this file is touched' }),

  'log-reopen': flag({ help: 'open the log file anew at each reload' }),

  'disable-logging': flag({ short: 'L', help: 'do not log requests; errors are logged all the same' }),

  stats: address({
    aliases: ['stats-server'],
    impliesMaster: true,
    help: 'answer each connection here with the statistics as a JSON document',
  }),

  'stats-http': flag({
    impliesMaster: true,
    help: 'speak HTTP on the address of stats',
    note: 'Besides the document there are `/healthz` and `/readyz` for load balancers: docs/operating.md.',
  }),
};
