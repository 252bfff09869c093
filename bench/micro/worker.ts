import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compileFormat, type RequestLogSettings } from '../../src/core/log/format.ts';
import { APPS, PYTHON } from '../../test/helpers/paths.ts';
import { PLAIN_LINE } from '../../test/helpers/request-log.ts';
import { ENVIRON } from './requests.ts';
import type { Timing } from './stopwatch.ts';

const PROGRAM = join(import.meta.dirname, 'worker.py');

/** As Apache and nginx write it. */
const COMBINED = '%(addr) - %(user) [%(ltime)] "%(method) %(uri) %(proto)" %(status) %(rsize) "%(referer)" "%(uagent)"';

/** The forms that a line about a request has. */
const REQUEST_LOGS: Readonly<Record<string, RequestLogSettings>> = {
  "uWSGI's": PLAIN_LINE,
  "log-format, web servers' combined": { ...PLAIN_LINE, parts: compileFormat(COMBINED) },
  'log-format = json': { ...PLAIN_LINE, form: 'json', parts: [] },
};

interface Wanted {
  readonly rounds: number;
  readonly seconds: number;
  /** Words that are in the names of all that is wanted. */
  readonly only: readonly string[];
}

/**
 * Times the pieces of a worker, in a Python of their own.
 *
 * @throws Error when it failed; it has said why
 */
export function timeWorkerPieces(wanted: Wanted): readonly Timing[] {
  const input = JSON.stringify({ ...wanted, environ: ENVIRON, requestLogs: REQUEST_LOGS, applications: APPS });
  const { status, stdout } = spawnSync(PYTHON, ['-B', PROGRAM], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`${PROGRAM} ended with status ${String(status)}`);
  return JSON.parse(stdout) as Timing[];
}
