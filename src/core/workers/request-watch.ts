import type { Log } from '../log/log.ts';
import { type ScoreboardReader, scoreboardTimeUs, type SlotRecord } from '../stats/scoreboard.ts';
import type { Pool } from './pool.ts';
import type { Worker } from './worker.ts';

/** How long a request may run; 0 means for ever. */
export interface RequestLimits {
  readonly harakiriMs: number;
  /** From here on it is shown in the log, once. */
  readonly slowMs: number;
}

export interface WatchPorts {
  readonly pool: Pick<Pool, 'workers' | 'condemn' | 'putDown'>;
  readonly scoreboard: ScoreboardReader;
  /** A request of this worker ran into harakiri. */
  readonly overran: (worker: Worker) => void;
  /** A request runs for long; its worker is asked where. */
  readonly found: (request: LongRequest) => void;
  readonly log: Log;
}

/** How often the scoreboard is looked at: the most by which a request may overrun its deadline. */
const INTERVAL_MS = 200;
/** An interrupted request may tidy up for so long. One that does not end is in C code, which no exception reaches, or does not want to. */
const GRACE_MS = 1000;

/**
 * Looks for requests that run for long, whichever door they came by.
 *
 *     runs ──slow-request──▶ shown in the log ──harakiri──▶ interrupted ──grace──▶ hopeless
 *
 * A worker with a hopeless request takes no more, and is killed when it runs nothing else: its neighbours are finished, or hopeless as well.
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
    const nowUs = scoreboardTimeUs();
    scoreboard.refresh();
    for (const worker of this.#dealt.keys()) if (worker.state === 'gone') this.#dealt.delete(worker);
    for (const worker of pool.workers) this.#lookAt(worker, nowUs);
  }

  #lookAt(worker: Worker, nowUs: number): void {
    const before = this.#dealt.get(worker) ?? [];
    const judged = this.#ports.scoreboard.slots(worker).map((record, core): Judged => {
      const dealt = before[core]?.startedAtUs === record.startedAtUs ? before[core] : untouched(record);
      return { request: { worker, core, record, nowUs }, dealt, action: judge(record, dealt, { ...this.#limits, nowUs }) };
    });
    for (const { action, request } of judged) this.#act(action, request);
    this.#dealt.set(
      worker,
      judged.map(({ dealt, action }) => note(dealt, action, nowUs)),
    );
    this.#endHopeless(judged);
  }

  #endHopeless(judged: readonly Judged[]): void {
    const [hopeless] = judged.filter(({ action }) => action === 'condemn');
    if (hopeless === undefined) return;
    const { pool, log } = this.#ports;
    const { worker } = hopeless.request;
    const others = judged.filter(({ action, request }) => action !== 'condemn' && request.record.state === 'busy').length;
    if (!worker.isCondemned) {
      const when = others === 0 ? '' : `, once the others that it runs are finished (${others})`;
      log.event(
        `HARAKIRI: ${describe(hopeless.request)} and cannot be interrupted: killing the worker${when}; the Python stacks of all its threads:`,
      );
      pool.condemn(worker);
    } else if (others === 0) {
      pool.putDown(worker);
    }
  }

  #act(action: Action, request: LongRequest): void {
    const { overran, log } = this.#ports;
    switch (action) {
      case 'leave':
      case 'condemn':
        return;
      case 'show':
        log.event(`SLOW: ${describe(request)} so far; its Python stack:`);
        return this.#show(request);
      case 'interrupt':
        overran(request.worker);
        log.event(`HARAKIRI: ${describe(request)}; its Python stack:`);
        this.#show(request);
        return tell(request, 'interrupt');
      case 'insist':
        return tell(request, 'interrupt');
    }
  }

  #show(request: LongRequest): void {
    this.#ports.found(request);
    tell(request, 'show');
  }
}

/** What the worker is to do with this request, if it runs it still. */
function tell({ worker, core, record }: LongRequest, type: 'show' | 'interrupt'): void {
  worker.channel?.send({ type, core, startedAt: record.startedAtUs });
}

interface Judged {
  readonly request: LongRequest;
  readonly dealt: Dealt;
  readonly action: Action;
}

/** A request that runs, as it is now: microseconds of the scoreboard's clock. */
export interface LongRequest {
  readonly worker: Worker;
  readonly core: number;
  readonly record: SlotRecord;
  readonly nowUs: number;
}

function describe({ worker, core, record, nowUs }: LongRequest): string {
  return `${worker.label} has run ${record.request || 'a request'} on core ${core} for ${((nowUs - record.startedAtUs) / 1e6).toFixed(1)} s`;
}

/**
 * `insist` once more where the application could not be reached before: it had called us, and we are not to be interrupted. `condemn` is said
 * at each look at a request that is hopeless.
 */
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
