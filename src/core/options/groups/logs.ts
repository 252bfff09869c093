import { address, bytes, count, flag, mode, optionalText, path, paths, text, token } from '../define.ts';
import { cautionLogFormat } from '../log-format.ts';

/** What has a log that is a file. */
const LOG_FILES = ['logto', 'logto2', 'daemonize', 'daemonize2', 'logger', 'req-logger'];

/** What the server tells about itself. */
export const logs = {
  logto: path({ help: 'write the log to this file' }),

  logto2: path({ help: 'write the log to this file, opened after root was given up' }),

  'log-truncate': flag({ needs: LOG_FILES, help: 'empty the log file at the start' }),

  'logfile-chmod': mode({ needs: LOG_FILES, help: 'permissions of the log file' }),

  'logfile-chown': flag({ needs: LOG_FILES, help: 'make the log the file of the user of uid and the group of gid' }),

  'log-maxsize': bytes({
    needs: LOG_FILES,
    default: 0,
    impliesMaster: true,
    help: 'rotate the log when it is larger than this; 0 means never',
  }),

  'log-backupname': path({
    needs: LOG_FILES,
    help: 'what a rotated log is called',
    note: 'Without it, the name of the log and the time in seconds since 1970, of which none is ever overwritten.',
  }),

  'touch-logrotate': paths({ needs: LOG_FILES, impliesMaster: true, help: 'rotate the log when this file is touched' }),

  'touch-logreopen': paths({ needs: LOG_FILES, impliesMaster: true, help: 'open the log file anew when this file is touched' }),

  'log-reopen': flag({ needs: LOG_FILES, help: 'open the log file anew at each reload' }),

  'disable-logging': flag({ short: 'L', help: 'do not log requests; errors are logged all the same' }),

  'log-format': text({
    aliases: ['logformat'],
    metavar: 'FORMAT',
    help: 'how a request is logged: a text with variables, or json for one object a line',
    note: '`json` is an extension. Every variable, the keys of json, and what is escaped: docs/logging.md.',
    caution: cautionLogFormat,
  }),

  'logformat-strftime': flag({
    needs: ['log-format'],
    aliases: ['log-format-strftime'],
    help: 'write %(ftime) of log-format in the form of log-date',
  }),

  logdate: optionalText({
    aliases: ['log-date', 'log-prefix'],
    metavar: 'FORMAT',
    help: 'the form of the date in front of what the server tells, and of %(ftime), in the signs of strftime',
    note: "What happens while it serves begins with the date in any case; with `log-master` the lines of the start do, too. Workers have uWSGI's own form.",
  }),

  'log-micros': flag({
    overruled: { by: 'log-format', instead: 'write %(micros) there, which json has anyway' },
    help: 'log the time of requests in microseconds',
  }),

  'log-x-forwarded-for': flag({
    overruled: { by: 'log-format', instead: 'write %(var.HTTP_X_FORWARDED_FOR) there' },
    help: 'log the address that X-Forwarded-For gives',
    note: 'In the line that is there without `log-format`. Clients may put anything into that header; the proxy in front should set it.',
  }),

  'log-attribution': flag({
    extension: true,
    help: 'say in front of each line that the application writes which worker and which request it is of',
    note: 'With `log-format = json` each line becomes an object. docs/logging.md.',
  }),

  'memory-report': flag({ short: 'm', arity: 'optional', metavar: 'N', help: 'begin the line of a request with the memory of its worker' }),

  'log-zero': flag({ needs: ['disable-logging'], help: 'log requests that are answered without a body, also with disable-logging' }),

  'log-slow': count({
    needs: ['disable-logging'],
    metavar: 'MILLISECONDS',
    default: 0,
    help: 'log requests that take so long, also with disable-logging; 0 means none',
  }),

  'log-4xx': flag({
    needs: ['disable-logging'],
    help: 'log requests that are answered with a status from 400 to 499, also with disable-logging',
  }),

  'log-5xx': flag({
    needs: ['disable-logging'],
    help: 'log requests that are answered with a status from 500 on, also with disable-logging',
  }),

  'log-big': bytes({
    default: 0,
    needs: ['disable-logging'],
    help: 'log requests that are answered with so large a body, also with disable-logging; 0 means none',
  }),

  'log-sendfile': flag({
    needs: ['disable-logging'],
    arity: 'required',
    metavar: 'BOOL',
    help: 'log requests that are answered with a file, also with disable-logging',
  }),

  'log-ioerror': flag({
    needs: ['disable-logging'],
    arity: 'required',
    metavar: 'BOOL',
    help: 'log requests whose client left before the end, also with disable-logging',
    note: 'uWSGI wants an error in reading and one in writing, which hardly come together.',
  }),

  stats: address({
    aliases: ['stats-server'],
    impliesMaster: true,
    help: 'answer each connection here with the statistics as a JSON document',
  }),

  'stats-minified': flag({
    needs: ['stats'],
    aliases: ['stats-min'],
    impliesMaster: true,
    help: 'leave the blanks out of what stats tells',
  }),

  'stats-no-cores': flag({ needs: ['stats'], impliesMaster: true, help: 'leave single threads out of it' }),

  'stats-no-metrics': flag({ needs: ['stats'], impliesMaster: true, help: 'leave metrics out of it' }),

  'stats-http': flag({
    needs: ['stats'],
    impliesMaster: true,
    help: 'speak HTTP on the address of stats',
    note: 'Besides the document there are `/healthz` and `/readyz` for load balancers: docs/operating.md.',
  }),

  'stats-token': token({
    extension: true,
    help: 'who reads what stats-http tells must have this; /healthz and /readyz are for everybody',
    note: 'Best from a file that only the server may read: `stats-token = @(/etc/app.token)`. docs/operating.md.',
  }),
};
