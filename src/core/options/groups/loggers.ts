import { bytes, count, flag, list, steps } from '../define.ts';
import { parsePythonExpression } from '../expression.ts';
import { cautionLogEncoder, parseLogEncoder, parseLogger, parseLoggerOf, parseLogRoute } from '../logger.ts';

const EXPRESSION = 'An expression of Python, and of PCRE in uWSGI; those that people write are the same in both.';

/** Where lines go, which of them, and in which form. */
export const loggers = {
  logger: steps(parseLogger, {
    metavar: '[NAME ]KIND:ARGUMENTS',
    impliesMaster: true,
    help: 'send all lines here: file:PATH, stdio, fd:N, syslog:IDENT,FACILITY, rsyslog:HOST:PORT,IDENT, socket:HOST:PORT or pipe:COMMAND',
    note: 'One with a name gets what `log-route` sends to it. Every kind, with its arguments: docs/logging.md.',
  }),

  'req-logger': steps(parseLogger, {
    aliases: ['logger-req'],
    metavar: '[NAME ]KIND:ARGUMENTS',
    impliesMaster: true,
    help: 'send the lines of requests here and not to the rest of the log',
  }),

  'log-syslog': {
    ...steps((text) => parseLoggerOf('syslog', text), {
      metavar: 'IDENT,FACILITY',
      impliesMaster: true,
      help: 'send all lines to the syslog of this machine',
    }),
    arity: 'optional',
  },

  'log-socket': steps((text) => parseLoggerOf('socket', text), {
    metavar: 'HOST:PORT',
    impliesMaster: true,
    help: 'send all lines here, a datagram each, over UDP or to a Unix socket',
  }),

  'log-route': steps(parseLogRoute, {
    metavar: 'NAME REGEX',
    impliesMaster: true,
    help: 'lines that match go to the loggers of this name, and to no others',
    note: EXPRESSION,
  }),

  'log-req-route': steps(parseLogRoute, {
    metavar: 'NAME REGEX',
    impliesMaster: true,
    help: 'lines of requests that match go to the req-loggers of this name, and to no others',
    note: `${EXPRESSION} uWSGI 2.0.21 finds no req-logger by its name.`,
  }),

  'log-drain': {
    ...list({ metavar: 'REGEX', impliesMaster: true, help: 'leave out lines that match', note: EXPRESSION }),
    parse: parsePythonExpression,
  },

  'log-filter': {
    ...list({ metavar: 'REGEX', impliesMaster: true, help: 'leave out lines that match none of these', note: EXPRESSION }),
    parse: parsePythonExpression,
  },

  'log-encoder': steps(parseLogEncoder, {
    metavar: 'KIND[:NAME] TEXT',
    impliesMaster: true,
    caution: cautionLogEncoder,
    help: 'change lines on their way to the loggers: prefix, suffix, nl, format, json, gzip or compress; several act one after the other',
  }),

  'log-req-encoder': steps(parseLogEncoder, {
    needs: ['req-logger'],
    metavar: 'KIND[:NAME] TEXT',
    impliesMaster: true,
    caution: cautionLogEncoder,
    help: 'change lines on their way to the req-loggers',
  }),

  'rsyslog-packet-size': count({
    needs: ['logger', 'req-logger'],
    default: 1024,
    min: 128,
    metavar: 'BYTES',
    help: "longest packet to another machine's syslog",
  }),

  'rsyslog-split-messages': flag({
    needs: ['logger', 'req-logger'],
    help: 'send what is too long for a packet in several ones',
    note: 'Otherwise its end is cut off.',
  }),

  'logger-list': flag({ aliases: ['loggers-list'], help: 'print the kinds of loggers there are' }),

  'log-master': flag({
    impliesMaster: true,
    support: 'partial',
    help: 'with log-date, begin all lines of the master with the date',
    note: 'All processes write whole lines to the one log of the server, so nothing has to be collected.',
  }),

  'threaded-logger': flag({
    impliesMaster: true,
    support: 'accepted',
    help: 'write the log in a thread',
    note: 'Always so: the log writer is a process of its own.',
  }),

  'log-master-bufsize': bytes({
    default: 8192,
    support: 'accepted',
    help: 'the longest line that is taken whole',
    note: 'Lines are not cut.',
  }),

  'log-master-stream': flag({ support: 'accepted', help: 'hand the log over as a stream', note: 'Always so.' }),

  'log-master-req-stream': flag({ support: 'accepted', help: 'hand the lines of requests over as a stream', note: 'Always so.' }),
} as const;
