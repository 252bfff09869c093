import type { Destination } from './destination.ts';

const REASON = 'no application: no mountpoint fits, and the request names none (UWSGI_SCRIPT, UWSGI_MODULE, UWSGI_FILE)';

/** Where there is no application for a request: 500, as in uWSGI, and a line that says why. */
export const nobody: Destination = {
  isForWorkers: false,
  submit: (exchange) => exchange.fail(500, REASON),
  abandon: () => undefined,
};
