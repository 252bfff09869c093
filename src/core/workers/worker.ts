import type { RestartReason } from '../stats/restarts.ts';
import type { Timer } from '../util/timer.ts';
import type { ControlChannel, RunningEnviron } from '../wire/control.ts';
import type { State } from './lifecycle.ts';
import { Question } from './question.ts';

/** What a worker is known by from its birth on. */
export interface WorkerIdentity {
  /** uWSGI's worker id, 1…N in the whole server. The old and the new holder of an id overlap while one replaces the other. */
  readonly id: number;
  /** Which one it is of its pool: 1…wanted. */
  readonly rank: number;
  /** Its place in the scoreboard: the first of its slots. */
  readonly seat: number;
  /** One slot each. */
  readonly threads: number;
  readonly generation: number;
  /** Milliseconds of the pool's clock. */
  readonly bornAt: number;
}

/** A worker process as the master sees it; the process itself is python/tsuwsgi/worker.py. */
export class Worker {
  readonly id: number;
  readonly rank: number;
  readonly seat: number;
  readonly threads: number;
  readonly generation: number;
  readonly bornAt: number;
  state: State = 'starting';
  pid: number | undefined;
  channel: ControlChannel | undefined;
  /** Runs out when it takes too long over the state it is in. */
  deadline: Timer | undefined;
  /** A successor was asked for; it serves on until that one is ready. */
  isLeaving = false;
  /** It accepts no more connections. */
  hasRetired = false;
  /** A request of it cannot be ended: it is killed when the others are finished. */
  isCondemned = false;
  /** It was told to go, so its end is none that was not asked for. */
  isDismissed = false;
  /** The signal of the module uwsgi whose handler it runs. */
  handles: number | undefined;
  /** What its requests that run are. */
  readonly environs = new Question<readonly RunningEnviron[]>();
  /** Its Python stacks. */
  readonly stacks = new Question<string>();
  /** Why another takes its place, once that is so. */
  fate: RestartReason | undefined;

  constructor({ id, rank, seat, threads, generation, bornAt }: WorkerIdentity) {
    this.id = id;
    this.rank = rank;
    this.seat = seat;
    this.threads = threads;
    this.generation = generation;
    this.bornAt = bornAt;
  }

  /** How every line of the log calls it. */
  get label(): string {
    return `worker ${this.id}${this.pid === undefined ? '' : ` (pid ${this.pid})`}`;
  }

  /** It serves or will serve soon: its id needs no other worker. */
  get isHolding(): boolean {
    return !this.isLeaving && !this.isCondemned && (this.state === 'starting' || this.state === 'waiting' || this.state === 'serving');
  }
}
