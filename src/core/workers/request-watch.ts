import type { Log } from '../log/log.ts';
import type { ScoreboardReader, SlotRecord } from '../stats/scoreboard.ts';
import type { Pool } from './pool.ts';
import type { Worker } from './worker.ts';

/** How long a request may run; 0 means for ever. */
export interface RequestLimits {
  readonly harakiriMs: number;
  /** From here on it is shown in the log, once. */
  readonly slowMs: number;
}

export interface WatchPorts {
  readonly pool: Pool;
  readonly scoreboard: ScoreboardReader;
  /** A request of this worker ran into harakiri. */
  readonly overran: (worker: Worker) => void;
  readonly log: Log;
}

/** How often the scoreboard is looked at: the most by which a request may overrun its deadline. */
const INTERVAL_MS = 200;
/** An interrupted request may tidy up for so long. One that does not end is in C code, which no exception reaches. */
const GRACE_MS = 1000;

/**
 * Looks for requests that run for long, whichever door they came by.
 *
 *     runs ──slow-request──▶ shown in the log ──harakiri──▶ interrupted ──grace──▶ its worker is killed
 */
export class RequestWatch {
  readonly #limits: RequestLimits;
  readonly #ports: WatchPorts;
  /** What was done about the request that each slot runs. */
  readonly #dealt = new Map<Worker, Dealt[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(limits: RequestLimits, ports: WatchPorts) {
    this.#limits = limits;
    this.#ports = ports;
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { pool, scoreboard } = this.#ports;
    const nowUs = Number(process.hrtime.bigint() / 1000n);
    scoreboard.refresh();
    for (const worker of this.#dealt.keys()) if (worker.state === 'gone') this.#dealt.delete(worker);
    for (const worker of pool.workers) if (!worker.isCondemned) this.#lookAt(worker, nowUs);
  }

  #lookAt(worker: Worker, nowUs: number): void {
    const before = this.#dealt.get(worker) ?? [];
    const after = this.#ports.scoreboard.slots(worker).map((record, core) => {
      const dealt = before[core]?.startedAtUs === record.startedAtUs ? before[core] : untouched(record);
      const action = judge(record, dealt, { ...this.#limits, nowUs });
      this.#act(action, { worker, core, record, nowUs });
      return note(dealt, action, nowUs);
    });
    this.#dealt.set(worker, after);
  }

  #act(action: Action, request: LongRequest): void {
    const { pool, overran, log } = this.#ports;
    const { worker, core, record } = request;
    const which = { core, startedAt: record.startedAtUs };
    switch (action) {
      case 'leave':
        return;
      case 'show':
        log.event(`SLOW: ${describe(request)} so far; its Python stack:`);
        worker.channel?.send({ type: 'show', ...which });
        return;
      case 'interrupt':
        overran(worker);
        log.event(`HARAKIRI: ${describe(request)}; its Python stack:`);
        worker.channel?.send({ type: 'show', ...which });
        worker.channel?.send({ type: 'interrupt', ...which });
        return;
      case 'insist':
        worker.channel?.send({ type: 'interrupt', ...which });
        return;
      case 'condemn':
        log.event(`HARAKIRI: ${describe(request)} and cannot be interrupted: killing the worker; the Python stacks of all its threads:`);
        pool.condemn(worker);
    }
  }
}

interface LongRequest {
  readonly worker: Worker;
  readonly core: number;
  readonly record: SlotRecord;
  readonly nowUs: number;
}

function describe({ worker, core, record, nowUs }: LongRequest): string {
  return `${worker.label} has run ${record.request || 'a request'} on core ${core} for ${((nowUs - record.startedAtUs) / 1e6).toFixed(1)} s`;
}

/** `insist` once more where the application could not be reached before: it had called us, and we are not to be interrupted. */
export type Action = 'leave' | 'show' | 'interrupt' | 'insist' | 'condemn';

/** What was done about a request, which is known by its start. Times are microseconds. */
export interface Dealt {
  readonly startedAtUs: number;
  readonly isShown: boolean;
  readonly interruptedAtUs: number | undefined;
}

export function untouched({ startedAtUs }: SlotRecord): Dealt {
  return { startedAtUs, isShown: false, interruptedAtUs: undefined };
}

/** What to do now about what a slot runs. */
export function judge(record: SlotRecord, dealt: Dealt, { harakiriMs, slowMs, nowUs }: RequestLimits & { nowUs: number }): Action {
  if (record.state !== 'busy') return 'leave';
  const ranMs = (nowUs - record.startedAtUs) / 1000;
  if (exceeds(ranMs, record.deadlineMs || harakiriMs)) {
    if (dealt.interruptedAtUs === undefined) return 'interrupt';
    return nowUs - dealt.interruptedAtUs > GRACE_MS * 1000 ? 'condemn' : 'insist';
  }
  return !dealt.isShown && exceeds(ranMs, slowMs) ? 'show' : 'leave';
}

function exceeds(milliseconds: number, limitMs: number): boolean {
  return limitMs > 0 && milliseconds > limitMs;
}

/** What has been done when that is done, too. */
export function note(dealt: Dealt, action: Action, nowUs: number): Dealt {
  if (action === 'show') return { ...dealt, isShown: true };
  // The application has caught it and given the request more time.
  if (action === 'leave' && dealt.interruptedAtUs !== undefined) return { ...dealt, interruptedAtUs: undefined };
  return action === 'interrupt' ? { ...dealt, interruptedAtUs: nowUs } : dealt;
}
