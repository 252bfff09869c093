import { defaultLine, type RequestLogSettings } from '../../src/core/log/format.ts';

/** Requests are logged as uWSGI does it, if at all. */
export const PLAIN_LINE: RequestLogSettings = {
  form: 'parts',
  parts: defaultLine({ micros: false, forwarded: false, memory: false, host: false }),
  dateFormat: '',
  selection: { clientErrors: false, serverErrors: false, slowMs: 0, empty: false, bigBytes: 0, files: false, broken: false },
};
