/**
 * A site without workers: uWSGI's cheap mode. Nothing of the application is in memory; the sockets stay open.
 *
 *     awake ──go-cheap, idle──▶ asleep ──a request, scale──▶ awake
 *       `cheap` ────────────────▶ ▲  └── it cannot wake ──┐
 *                                 └── 503 for who waits ──┘
 *
 * Each door has somebody who knocks when a request waits: the gateway knows its queue, and a bare spawner looks at the direct sockets.
 */
import { StoppingError } from '../errors/operate.ts';
import type { Log } from '../log/log.ts';
import type { After } from '../util/timer.ts';
import { Brake } from '../workers/brake.ts';
import type { Pool, PoolChange, Renewal } from '../workers/pool.ts';
import { Turns } from './turns.ts';

export interface SleepPorts {
  readonly pool: Pick<Pool, 'sleep' | 'wake' | 'prepare'>;
  /** Undefined where there is none, or not yet. */
  readonly gateway: () => SiteDoor | undefined;
  /** What the site wakes up with. */
  readonly size: () => Renewal;
  readonly isStopping: () => boolean;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  readonly after: After;
  readonly log: Log;
}

/** The gateway, as far as one site goes. */
interface SiteDoor {
  /** Has `knocked` called, once, when a request waits. */
  watch(): void;
  /** Answers all that wait now with 503, or, since the application is broken, as its kind is answered; the reason goes to the log. */
  refuse(reason: string, why: 'stopping' | 'broken'): void;
}

const CANNOT_WAKE = 'the application could not wake up';
/** A brake counts by worker id; here is only one thing to slow down. */
const ONLY = 0;

export class Sleep {
  readonly #ports: SleepPorts;
  /** Sleeping, waking and reloading exclude each other. */
  readonly #turns = new Turns();
  #isAsleep = false;
  /** Somebody has knocked, and it was not dealt with yet. */
  #isCalled = false;
  /** Slows down attempts to wake up that fail. */
  #failures = new Brake();
  #notBefore = 0;
  /** Slows down the replacing of whoever looks at the direct sockets. */
  readonly #losses = new Brake();
  #watchedSince = 0;
  /** Why no worker will ever come, once that is so. */
  #end: string | undefined;

  constructor(ports: SleepPorts) {
    this.#ports = ports;
  }

  get isAsleep(): boolean {
    return this.#isAsleep;
  }

  /**
   * Sends all workers away when they have finished what they run.
   *
   * @returns false when they are not there already
   */
  fallAsleep(): Promise<boolean> {
    return this.#turns.take(async () => {
      if (this.#isAsleep) return false;
      await this.#lieDown(this.#ports.size(), 'served');
      return true;
    });
  }

  /**
   * New code and configuration: for the workers that serve, or for those that will. Until one of the two is called, nobody wakes up or falls asleep.
   *
   * @throws as `Pool.prepare`; then everything is as it was
   */
  async prepare(how: 'together' | 'in-chain', size: Renewal): Promise<PoolChange> {
    const endTurn = await this.#turns.begin();
    try {
      const { commit, undo } = await (this.#isAsleep ? this.#prepareAsleep(size) : this.#ports.pool.prepare(how, size));
      return {
        commit: () => commit().finally(endTurn),
        undo: () => {
          undo();
          endTurn();
        },
      };
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  /** Whoever looks at the direct doors for those that sleep knows the configuration with which they wake up. */
  async #prepareAsleep(size: Renewal): Promise<PoolChange> {
    this.#forgetFailures();
    await this.#lieDown(size, 'served');
    return {
      commit: () => Promise.resolve(),
      // By then what was before is in force again.
      undo: () => void this.#lieDown(this.#ports.size(), 'served').catch((error: unknown) => this.watchLost((error as Error).message)),
    };
  }

  /** Settled when a worker serves; at once when one does already. */
  wake(because: string): Promise<void> {
    return this.#turns.take(async () => {
      if (!this.#isAsleep) return;
      const { pool, now, log } = this.#ports;
      log.event(`${because}: waking up`);
      const since = now();
      try {
        await pool.wake();
      } catch (error) {
        await this.#fallBack(error as Error);
        throw error;
      }
      this.#isAsleep = false;
      this.#forgetFailures();
      log.event(`awake after ${((now() - since) / 1000).toFixed(2)} s`);
    });
  }

  /** No worker will come any more: whoever knocks from now on is told why. */
  end(because: string): void {
    this.#end = because;
  }

  /** A request waits at one of the doors. */
  knocked(): void {
    if (this.#isOver) return this.#turnAway();
    if (this.#isCalled) return;
    this.#isCalled = true;
    this.#ports.after(Math.max(0, this.#notBefore - this.#ports.now()), () => void this.#answer());
  }

  /** Nobody looks at the direct sockets any more. */
  watchLost(reason: string): void {
    if (this.#isOver) return;
    const { after, now, log } = this.#ports;
    log.event(`${reason}: starting it again, the application sleeps on`);
    after(this.#losses.pauseAfter(ONLY, now() - this.#watchedSince), () => {
      const watchAgain = async (): Promise<void> => {
        if (this.#isAsleep && !this.#isOver) await this.#lieDown(this.#ports.size(), 'served');
      };
      this.#turns.take(watchAgain).catch((error: unknown) => this.watchLost((error as Error).message));
    });
  }

  async #answer(): Promise<void> {
    try {
      await this.wake('a request');
    } catch {
      // What became of it is in the log, and those who wait were told.
    }
    this.#isCalled = false;
  }

  async #lieDown(size: Renewal, waiting: 'served' | 'refused'): Promise<void> {
    const { pool, gateway, now } = this.#ports;
    await pool.sleep(size, waiting);
    this.#isAsleep = true;
    this.#watchedSince = now();
    gateway()?.watch();
  }

  /** Those who wait are not to wait for an application that may never come; whoever asks next may be luckier. */
  async #fallBack(error: Error): Promise<void> {
    const { gateway, size, now, log } = this.#ports;
    if (this.#isOver) return this.#turnAway();
    log.event(`${CANNOT_WAKE}: ${error.message}; who waits is refused, the next request tries again`);
    this.#notBefore = now() + this.#failures.pauseAfter(ONLY, 0);
    gateway()?.refuse(CANNOT_WAKE, 'broken');
    try {
      await this.#lieDown(size(), 'refused');
    } catch (reason) {
      this.watchLost((reason as Error).message);
    }
  }

  /** No worker will ever come. */
  #turnAway(): void {
    const gateway = this.#ports.gateway();
    gateway?.refuse(this.#end ?? new StoppingError().message, 'stopping');
    gateway?.watch();
  }

  get #isOver(): boolean {
    return this.#end !== undefined || this.#ports.isStopping();
  }

  #forgetFailures(): void {
    this.#failures = new Brake();
    this.#notBefore = 0;
  }
}
