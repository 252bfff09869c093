import type { Log } from '../log/log.ts';
import type { After, Timer } from '../util/timer.ts';
import type { EmperorOrder, VassalReport } from '../wire/emperor.ts';
import { advance, type Effect, type Event, type State } from './lifecycle.ts';
import type { VassalFile } from './monitor.ts';
import type { Throttle } from './throttle.ts';

/** A process that runs as a vassal. */
export interface VassalProcess {
  readonly pid: number;
  order(what: EmperorOrder): void;
  /** Ends it and all that it started, at once. */
  kill(): void;
}

export interface VassalListener {
  reported(report: VassalReport): void;
  /** @param how in words: `status 1`, `SIGKILL` */
  ended(how: string): void;
}

export interface VassalPorts {
  readonly throttle: Throttle;
  /** @throws Error where no process comes of it */
  launch(file: VassalFile, listener: VassalListener): VassalProcess;
  /** It is gone and will not come back. */
  gone(): void;
  readonly toleranceMs: number;
  /** How long heartbeats may stay away once there was one. */
  readonly heartbeatMs: number;
  readonly after: After;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

/** When what happened to it last, in milliseconds since 1970; 0 is never. */
export interface VassalTimes {
  /** When the emperor first heard of it. */
  born: number;
  firstRun: number;
  lastRun: number;
  ready: number;
  loyal: number;
  heartbeat: number;
  /** It was told to stop, or died young. */
  cursed: number;
}

/** One file and the server that is run for it. */
export class Vassal {
  readonly #ports: VassalPorts;
  #file: VassalFile;
  #state: State = 'waiting';
  #process: VassalProcess | undefined;
  #starts = 0;
  readonly #times: VassalTimes;
  /** Whatever this state waits for: a pause, or the bound of its end. */
  #timer: Timer | undefined;
  #pulse: Timer | undefined;

  constructor(file: VassalFile, ports: VassalPorts) {
    this.#file = file;
    this.#ports = ports;
    this.#times = { born: ports.now(), firstRun: 0, lastRun: 0, ready: 0, loyal: 0, heartbeat: 0, cursed: 0 };
  }

  /** Starts it for the first time. */
  begin(): void {
    this.#advance('retry');
  }

  get file(): VassalFile {
    return this.#file;
  }

  get state(): State {
    return this.#state;
  }

  /** 0 while none runs. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** How often it was started again. */
  get respawns(): number {
    return Math.max(0, this.#starts - 1);
  }

  get times(): Readonly<VassalTimes> {
    return this.#times;
  }

  get throttle(): Pick<Throttle, 'deaths' | 'pauseMs'> {
    return this.#ports.throttle;
  }

  /** Its file is another one now. */
  update(file: VassalFile, event: 'changed' | 'handed-over' | 'appeared'): void {
    this.#file = file;
    if (this.#state === 'serving')
      this.#tell(event === 'changed' ? 'changed: reloading' : 'belongs to somebody else now: starting it anew');
    this.#advance(event);
  }

  reload(): void {
    this.#advance('changed');
  }

  /** @param because what the log says */
  stop(how: 'gracefully' | 'now', because: string): void {
    if (this.#state !== 'stopping') this.#tell(`${because}: stopping`);
    this.#advance(how === 'now' ? 'stop-now' : 'removed');
  }

  #advance(event: Event): void {
    const { to, effects } = advance(this.#state, event);
    if (to !== this.#state) this.#timer?.cancel();
    this.#state = to;
    for (const effect of effects) this.#effects[effect]();
    if (to === 'gone') this.#ports.gone();
  }

  readonly #effects: Readonly<Record<Effect, () => void>> = {
    start: () => this.#start(),
    'order-reload': () => this.#process?.order('reload'),
    'order-stop': () => this.#order('stop-gracefully'),
    'order-stop-now': () => this.#order('stop-now'),
    'start-deadline': () => this.#startDeadline(),
    kill: () => this.#process?.kill(),
    wait: () => this.#wait(),
    forgive: () => this.#ports.throttle.forgive(),
  };

  #start(): void {
    const times = this.#times;
    times.lastRun = this.#ports.now();
    times.firstRun ||= times.lastRun;
    times.ready = times.loyal = times.heartbeat = times.cursed = 0;
    this.#starts++;
    try {
      this.#process = this.#ports.launch(this.#file, {
        reported: (report) => this.#heard(report),
        ended: (how) => this.#ended(how),
      });
      if (this.pid > 0) this.#tell(`started (pid ${this.pid})`);
    } catch (error) {
      this.#over(`cannot be started: ${(error as Error).message}`);
    }
  }

  #heard(report: VassalReport): void {
    const now = this.#ports.now();
    if (report === 'ready' && this.#times.ready === 0) {
      this.#times.ready = now;
      this.#tell(`ready after ${((now - this.#times.lastRun) / 1000).toFixed(1)} s`);
      this.#advance('ready');
    }
    if (report === 'loyal') this.#times.loyal = now;
    if (report === 'heartbeat') this.#feelPulse(now);
  }

  #feelPulse(now: number): void {
    const { heartbeatMs, after } = this.#ports;
    this.#times.heartbeat = now;
    this.#pulse?.cancel();
    this.#pulse = after(heartbeatMs, () => {
      this.#tell(`no heartbeat for ${heartbeatMs / 1000} s: killing it`);
      this.#advance('hang');
    });
  }

  #order(what: EmperorOrder): void {
    this.#times.cursed = this.#ports.now();
    this.#process?.order(what);
  }

  #startDeadline(): void {
    const { toleranceMs, after } = this.#ports;
    this.#timer?.cancel();
    this.#timer = after(toleranceMs, () => {
      this.#tell(`has not stopped for ${toleranceMs / 1000} s: killing it`);
      this.#advance('deadline');
    });
  }

  #ended(how: string): void {
    if (this.#state === 'stopping') return this.#over('stopped');
    this.#over(`ended with ${how}${this.#times.ready > 0 ? '' : ' before it was ready'}`);
  }

  #over(what: string): void {
    this.#process = undefined;
    this.#pulse?.cancel();
    this.#tell(what);
    this.#advance('exit');
  }

  /** A vassal that has died. */
  #wait(): void {
    const { throttle, after, now } = this.#ports;
    const { ready } = this.#times;
    const pauseMs = throttle.pauseAfter(ready === 0 ? 0 : now() - ready);
    if (pauseMs > 0) {
      this.#times.cursed = now();
      this.#tell(`next try in ${pauseMs / 1000} s, or when its file changes`);
    }
    this.#timer = after(pauseMs, () => this.#advance('retry'));
  }

  #tell(what: string): void {
    this.#ports.log.event(`[emperor] vassal ${this.#file.id}: ${what}`);
  }
}
