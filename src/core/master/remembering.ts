/** What goes into the journal, and in which words. */
import type { Log } from '../log/log.ts';
import type { Journal } from '../stats/journal.ts';
import { methodAndUri } from '../stats/scoreboard.ts';
import type { ExceptionReport, ShownReport } from '../wire/control.ts';
import type { LongRequest } from '../workers/request-watch.ts';

/** A log whose events are remembered. */
export function remembered(log: Log, journal: Journal): Log {
  return {
    line: (text) => log.line(text),
    event: (text) => {
      log.event(text);
      journal.note(nowSeconds(), text);
    },
  };
}

/** What a worker tells of one of its requests. */
export function rememberReport(journal: Journal, { id }: { readonly id: number }, report: ExceptionReport | ShownReport): void {
  const { core, application, method, uri } = report;
  if (report.type === 'exception') {
    const { at, error, traceback, untold } = report;
    journal.fail({ at, worker: id, core, application, method, uri, error, traceback }, untold);
  } else {
    journal.explain({ worker: id, core, startedAtUs: report.startedAt }, { application, method, uri, stack: report.stack });
  }
}

/**
 * A request runs for long.
 *
 * @param application the mountpoint of its worker
 */
export function rememberSlow(journal: Journal, { worker, core, record, nowUs }: LongRequest, application: string): void {
  const { startedAtUs, request } = record;
  journal.find(
    { worker: worker.id, core, startedAtUs },
    {
      at: nowSeconds(),
      worker: worker.id,
      core,
      application,
      ...methodAndUri(request),
      ranMs: Math.round((nowUs - startedAtUs) / 1000),
      stack: '',
    },
  );
}

function nowSeconds(): number {
  return Date.now() / 1000;
}
