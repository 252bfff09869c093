import { changedLine, compileFormat, JSON_FORMAT, type LogPart, type RequestLogSettings, WEB_SERVER_DATE } from '../log/format.ts';
import type { LogAttribution } from '../wire/spawner-config.ts';
import type { Options } from '../options/registry.ts';

/** How requests are logged. */
export function planRequestLog(options: Options): RequestLogSettings {
  const parts = partsOf(options);
  return {
    form: options.logFormat === JSON_FORMAT ? 'json' : parts.length > 0 ? 'parts' : 'line',
    parts,
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

/** None where the line is uWSGI's own, which workers write without them, or an object. */
function partsOf({ logFormat, logMicros: micros, logXForwardedFor: forwarded, memoryReport: memory }: Options): LogPart[] {
  if (logFormat !== undefined) return logFormat === JSON_FORMAT ? [] : compileFormat(logFormat);
  return micros || forwarded || memory ? changedLine({ micros, forwarded, memory }) : [];
}

function dateFormatOf({ logformatStrftime, logdate = '' }: Options): string {
  return logformatStrftime && logdate !== '' ? logdate : WEB_SERVER_DATE;
}
