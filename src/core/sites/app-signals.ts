import type { Log } from '../log/log.ts';
import { TouchWatch } from '../util/touch.ts';
import type { Alarm, SignalWord } from '../wire/control.ts';
import type { Pool } from '../workers/pool.ts';
import type { Worker } from '../workers/worker.ts';
import { isDue } from './cron.ts';

export interface AppSignalsPorts {
  readonly pool: Pick<Pool, 'workers'>;
  readonly log: Log;
}

type Stop = () => void;

/** How often it is looked whether a new minute has begun. */
const CRON_LOOK_MS = 500;

/**
 * uWSGI's signals, which applications register: numbers with a handler each. Here is who looks at the clock and at files for them, and who
 * chooses the worker that runs a handler. Each generation of the code has its own; those of the one that serves are in force.
 */
export class AppSignals {
  readonly #ports: AppSignalsPorts;
  readonly #registered = new Map<number, Registered>();
  #serving: number | undefined;
  #alarms: Stop[] = [];
  /** The minute whose crons were done, in minutes since 1970: a reload within it does not do them again. */
  #doneMinute = -1;
  #turn = 0;

  constructor(ports: AppSignalsPorts) {
    this.#ports = ports;
  }

  /** A generation of the code has said these. Several workers may say the same. */
  learn(generation: number, words: readonly SignalWord[]): void {
    const registered = this.#registered.get(generation) ?? { targets: new Map(), alarms: new Map() };
    this.#registered.set(generation, registered);
    for (const word of words) {
      if (word.type === 'register') registered.targets.set(word.number, word.target);
      else this.#add(registered, word, generation);
    }
  }

  /** The code that serves from now on; undefined when no worker is there, and no handler. */
  follow(generation: number | undefined): void {
    if (generation === this.#serving) return;
    this.stop();
    this.#serving = generation;
    for (const number of this.#registered.keys()) if (generation !== undefined && number < generation) this.#registered.delete(number);
    const alarms = generation === undefined ? undefined : this.#registered.get(generation)?.alarms;
    for (const { number, alarm } of alarms?.values() ?? []) this.#start(number, alarm);
  }

  /** Has the handler of a signal run, in the workers that it was registered for. */
  raise(number: number): void {
    const target = this.#serving === undefined ? undefined : this.#registered.get(this.#serving)?.targets.get(number);
    if (target === undefined) return this.#ports.log.event(`signal ${number}: nobody has registered it`);
    const serving = this.#ports.pool.workers.filter(({ state }) => state === 'serving');
    for (const worker of choose(serving, target, this.#turn++)) worker.channel?.send({ type: 'signal', number });
  }

  stop(): void {
    for (const stop of this.#alarms.splice(0)) stop();
    this.#serving = undefined;
  }

  #add({ alarms }: Registered, { number, alarm }: Extract<SignalWord, { type: 'alarm' }>, generation: number): void {
    const key = JSON.stringify([number, alarm]);
    if (alarms.has(key)) return;
    alarms.set(key, { number, alarm });
    if (generation === this.#serving) this.#start(number, alarm);
  }

  #start(number: number, alarm: Alarm): void {
    const raise = (): void => this.raise(number);
    switch (alarm.kind) {
      case 'timer':
        this.#alarms.push(startTimer(alarm, raise));
        return;
      case 'cron':
        this.#alarms.push(this.#startCron((now) => isDue(alarm, now), raise));
        return;
      case 'file': {
        const watch = new TouchWatch([alarm.path], raise);
        this.#alarms.push(() => watch.stop());
      }
    }
  }

  /** As in uWSGI the minute of the start counts as well. */
  #startCron(isItDue: (now: Date) => boolean, raise: () => void): Stop {
    let last = this.#doneMinute;
    const timer = setInterval(() => {
      const now = new Date();
      const minute = Math.floor(now.getTime() / 60_000);
      if (minute === last) return;
      last = minute;
      this.#doneMinute = minute;
      if (isItDue(now)) raise();
    }, CRON_LOOK_MS);
    return () => clearInterval(timer);
  }
}

/** What one generation has registered. */
interface Registered {
  readonly targets: Map<number, string>;
  /** By what they are, so that each is there once. */
  readonly alarms: Map<string, { readonly number: number; readonly alarm: Alarm }>;
}

function startTimer({ seconds, iterations = 0 }: Extract<Alarm, { kind: 'timer' }>, raise: () => void): Stop {
  let done = 0;
  const timer = setInterval(() => {
    if (iterations > 0 && done === iterations) return clearInterval(timer);
    done += 1;
    raise();
  }, seconds * 1000);
  return () => clearInterval(timer);
}

/** @param turn a number that grows, so that "any worker" is not always the same */
function choose<One extends Pick<Worker, 'id' | 'rank'>>(serving: readonly One[], target: string, turn: number): readonly One[] {
  if (target === 'workers' || target === 'active-workers') return serving;
  const named = /^worker([1-9]\d*)$/.exec(target);
  if (named) return numbered(serving, Number(named[1]));
  const one = serving[turn % serving.length];
  return one === undefined ? [] : [one];
}

/** By its id; or, since an application that is alone counts its workers from 1, by its place among those of its own. */
function numbered<One extends Pick<Worker, 'id' | 'rank'>>(serving: readonly One[], number: number): readonly One[] {
  const byId = serving.filter(({ id }) => id === number);
  return byId.length > 0 ? byId : serving.filter(({ rank }) => rank === number);
}
