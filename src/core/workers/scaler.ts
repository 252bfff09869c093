import type { Log } from '../log/log.ts';
import type { ScalingPlan } from '../plan/plan.ts';
import type { ScoreboardReader } from '../stats/scoreboard.ts';
import type { Pool } from './pool.ts';
import { type Decide, decideBy } from './scaling.ts';

const SAMPLES_PER_SECOND = 4;

interface ScalerPorts {
  readonly pool: Pick<Pool, 'workers' | 'wanted' | 'scale'>;
  readonly scoreboard: Pick<ScoreboardReader, 'refresh' | 'slots'>;
  readonly queueLength: () => number;
  readonly log: Log;
}

/** Looks at the load and changes how many workers are wanted: uWSGI's cheaper mode. No request is interrupted by it. */
export class Scaler {
  readonly #timer: NodeJS.Timeout;
  readonly #ports: ScalerPorts;
  readonly #scaling: ScalingPlan;
  readonly #decide: Decide;
  #busySamples: number[] = [];

  constructor(scaling: ScalingPlan, ports: ScalerPorts) {
    this.#scaling = scaling;
    this.#ports = ports;
    this.#decide = decideBy(scaling);
    this.#timer = setInterval(() => this.look(), 1000 / SAMPLES_PER_SECOND);
  }

  /** Takes a sample; every fourth one leads to a decision. */
  look(): void {
    // None is there while the server sleeps: that is no load of which to conclude anything.
    if (this.#serving.length === 0) return;
    this.#busySamples.push(this.#countBusy());
    if (this.#busySamples.length < SAMPLES_PER_SECOND) return;
    const busy = this.#busySamples.reduce((sum, one) => sum + one, 0) / SAMPLES_PER_SECOND;
    this.#busySamples = [];
    this.#scaleBy(this.#decide({ workers: this.#serving.length, busy, queued: this.#ports.queueLength() }), busy);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get #serving() {
    return this.#ports.pool.workers.filter(({ state }) => state === 'serving');
  }

  /** Workers that run a request in each of their threads. */
  #countBusy(): number {
    const scoreboard = this.#ports.scoreboard.refresh();
    return this.#serving.filter((worker) => scoreboard.slots(worker).every(({ state }) => state === 'busy')).length;
  }

  #scaleBy(change: number, busy: number): void {
    const { pool, log } = this.#ports;
    const before = pool.wanted;
    const wanted = Math.min(this.#scaling.most, Math.max(this.#scaling.least, before + change));
    // What the operator asked for beyond the bounds is not taken back by a quiet second.
    if (change === 0 || wanted === before || Math.sign(wanted - before) !== Math.sign(change)) return;
    const now = pool.scale(wanted);
    log.event(`cheaper: ${now} instead of ${before} workers, of which ${busy.toFixed(1)} were busy`);
  }
}
