import type { Log } from '../log/log.ts';
import type { ScoreboardReader, SlotRecord } from '../stats/scoreboard.ts';
import type { Pool } from './pool.ts';
import type { Worker } from './worker.ts';

/** How often the scoreboard is looked at: the most by which a request may overrun its deadline. */
const INTERVAL_MS = 200;

/** Looks for requests that run longer than they may, whichever door they came by, and has their workers killed. */
export class HarakiriWatch {
  readonly #timer: NodeJS.Timeout;

  constructor(limitMs: number, { pool, scoreboard, log }: { pool: Pool; scoreboard: ScoreboardReader; log: Log }) {
    this.#timer = setInterval(() => {
      const nowUs = Number(process.hrtime.bigint() / 1000n);
      scoreboard.refresh();
      for (const worker of pool.workers) {
        const stuck = overdue(scoreboard.seat(worker.seat), nowUs, limitMs * 1000);
        if (stuck.length > 0 && !worker.isCondemned) condemn(worker, stuck);
      }
    }, INTERVAL_MS);

    function condemn(worker: Worker, stuck: readonly Overdue[]): void {
      for (const { core, record, ranMs } of stuck) {
        log.event(
          `HARAKIRI: ${worker.label} has run ${record.request || 'a request'} on core ${core} for ${(ranMs / 1000).toFixed(1)} s; its Python stacks:`,
        );
      }
      pool.condemn(worker);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** A slot whose request runs too long. */
interface Overdue {
  readonly core: number;
  readonly record: SlotRecord;
  readonly ranMs: number;
}

/** The slots of one worker that have been busy with one request for longer than the limit; times in microseconds. */
export function overdue(slots: readonly SlotRecord[], nowUs: number, limitUs: number): readonly Overdue[] {
  return slots.flatMap((record, core) =>
    record.state === 'busy' && nowUs - record.startedAtUs > limitUs ? [{ core, record, ranMs: (nowUs - record.startedAtUs) / 1000 }] : [],
  );
}
