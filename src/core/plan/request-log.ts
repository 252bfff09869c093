import type { LogAttribution } from '../wire/spawner-config.ts';
import { compileFormat, defaultLine, JSON_FORMAT, type LogPart, type RequestLogSettings, WEB_SERVER_DATE } from '../log/format.ts';
import type { Options } from '../options/registry.ts';

/** How requests are logged. */
export function planRequestLog(options: Options): RequestLogSettings {
  return {
    form: options.logFormat === JSON_FORMAT ? 'json' : 'parts',
    parts: partsOf(options),
    dateFormat: dateFormatOf(options),
    selection: {
      clientErrors: options.log4xx,
      serverErrors: options.log5xx,
      slowMs: options.logSlow,
      empty: options.logZero,
      bigBytes: options.logBig,
      files: options.logSendfile,
      broken: options.logIoerror,
    },
  };
}

/** In the form that the lines of requests have. */
export function planAttribution({ logAttribution, logFormat }: Options): LogAttribution {
  if (!logAttribution) return 'off';
  return logFormat === JSON_FORMAT ? 'json' : 'text';
}

/** None where the line is an object. */
function partsOf({ logFormat, logMicros, logXForwardedFor, memoryReport, vhost, vhostHost }: Options): LogPart[] {
  if (logFormat === JSON_FORMAT) return [];
  if (logFormat !== undefined) return compileFormat(logFormat);
  return defaultLine({ micros: logMicros, forwarded: logXForwardedFor, memory: memoryReport, host: vhost || vhostHost });
}

function dateFormatOf({ logformatStrftime, logdate = '' }: Options): string {
  return logformatStrftime && logdate !== '' ? logdate : WEB_SERVER_DATE;
}
