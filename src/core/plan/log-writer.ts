import { resolve } from 'node:path';
import { PlanError } from '../errors/plan.ts';
import type { LogEncoder, Logger, LogRoute, LogSink, LogStream, LogWriterSettings } from '../log/writer-settings.ts';
import type { LoggerOption } from '../options/logger.ts';
import type { Options } from '../options/registry.ts';

/**
 * What the log writer does; undefined where every process writes to the log itself.
 *
 * @param directory from where paths are seen
 * @throws PlanError when a route or an encoder names a logger that is not there
 */
export function planLogWriter(options: Options, directory: string): LogWriterSettings | undefined {
  const log = planStream('logger', {
    loggers: [...options.logger, ...options.logSyslog, ...options.logSocket].map((logger) => planLogger(logger, options, directory)),
    routes: options.logRoute,
    encoders: options.logEncoder,
    drain: options.logDrain,
    filter: options.logFilter,
  });
  const requests = planStream('req-logger', {
    loggers: options.reqLogger.map((logger) => planLogger(logger, options, directory)),
    routes: options.logReqRoute,
    // uWSGI, too, has them act upon req-loggers alone.
    encoders: options.logReqEncoder,
    drain: [],
    filter: [],
  });
  if (requests.loggers.length > 0) return { log, requests };
  return isNeeded(log) ? { log, requests: null } : undefined;
}

function isNeeded({ loggers, encoders, drain, filter }: LogStream): boolean {
  return loggers.length > 0 || encoders.length > 0 || drain.length > 0 || filter.length > 0;
}

function planStream(option: string, stream: LogStream): LogStream {
  const names = new Set(stream.loggers.map(({ name }) => name));
  const asked: readonly (LogRoute | LogEncoder)[] = [...stream.routes, ...stream.encoders];
  for (const { logger } of asked) if (logger !== null && !names.has(logger)) throw PlanError.noLogger(option, logger);
  return stream;
}

function planLogger({ written, name, sink }: LoggerOption, options: Options, directory: string): Logger {
  return { written, name, sink: planSink(sink, options, directory) };
}

function planSink(sink: LoggerOption['sink'], options: Options, directory: string): LogSink {
  switch (sink.kind) {
    case 'file':
      return {
        kind: 'file',
        path: resolve(directory, sink.path),
        mode: options.logfileChmod ?? null,
        maxBytes: sink.maxBytes ?? options.logMaxsize,
        backupName: sink.backupName === undefined ? null : resolve(directory, sink.backupName),
      };
    case 'rsyslog':
      return { ...sink, packetBytes: options.rsyslogPacketSize, splits: options.rsyslogSplitMessages };
    default:
      return sink;
  }
}
