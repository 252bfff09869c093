import type { LogFile } from '../log/log-file.ts';
import type { LogPlan } from '../plan/plan.ts';
import { TouchWatch } from '../util/touch.ts';

/** uWSGI looks once a second. */
const INTERVAL_MS = 500;

type Order = (action: 'reopen-log' | 'rotate-log', because: string) => void;
type Watched = Pick<LogPlan, 'touchReopen' | 'touchRotate' | 'maxBytes'>;

/** Asks for another log file when a file is touched or the log is too large. Returns how to stop that. */
export function watchLog(plan: Watched, logFile: Pick<LogFile, 'size'>, ask: Order): () => void {
  const stops: (() => void)[] = [];
  for (const [action, paths] of [['reopen-log', plan.touchReopen] as const, ['rotate-log', plan.touchRotate] as const]) {
    if (paths.length === 0) continue;
    const watch = new TouchWatch(paths, (path) => ask(action, `${path}, which was touched`));
    stops.push(() => watch.stop());
  }
  if (plan.maxBytes > 0) stops.push(watchSize(plan.maxBytes, logFile, ask));
  return () => {
    for (const stop of stops) stop();
  };
}

function watchSize(maxBytes: number, logFile: Pick<LogFile, 'size'>, ask: Order): () => void {
  let limit = maxBytes;
  const timer = setInterval(() => {
    const { size } = logFile;
    if (size <= maxBytes) limit = maxBytes;
    if (size <= limit) return;
    ask('rotate-log', `log-maxsize, since the log has ${size} bytes`);
    // One that cannot be rotated is tried again when it has grown by as much again, and not twice a second.
    limit = size + maxBytes;
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}
