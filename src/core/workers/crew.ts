/**
 * The worker processes that there are, whatever for: their seats, their channels, what happens to each of them and how it ends. Who is to
 * be there is the pool's business. No process is touched here: how to signal and wait is given.
 */
import type { Log } from '../log/log.ts';
import type { After } from '../util/timer.ts';
import type { ControlChannel, ControlCommand, ControlReport, Hello } from '../wire/control.ts';
import type { Generation } from './generation.ts';
import { advance, type Effect, type Event, type State } from './lifecycle.ts';
import type { Seats } from './seats.ts';
import { Worker } from './worker.ts';

/** How a worker ended. */
export interface Ending {
  /** What it was doing. */
  readonly from: State;
  /** In words that complete "worker 1 …". */
  readonly how: string;
  /** As a shell has it. */
  readonly status: number;
}

/** What a crew is given to act with. */
export interface CrewPorts {
  /** No new requests for the slots of that seat. */
  retireAtGateway(seat: number, pid: number): void;
  /** The same for a worker that is to finish what it runs. */
  retiring(worker: Worker): void;
  signal(pid: number, signal: 'SIGKILL' | 'SIGUSR2'): void;
  /** A worker took a seat. */
  seated(worker: Worker): void;
  /** It said something. */
  heard(worker: Worker, report: ControlReport): void;
  /** There was no seat for a worker that was to be forked, and now there is one. */
  readonly seatFree: () => void;
  /** It is gone, and its seat is free. */
  ended(worker: Worker, ending: Ending): void;
  /** The worker id of the pool's worker of this rank. */
  idOf(rank: number): number;
  /** How long a worker may finish what it runs when it is to go, in milliseconds. */
  mercyMs(): number;
  /** Milliseconds that never go back. */
  now(): number;
  readonly after: After;
  readonly log: Log;
}

/** A worker that is not ready by then hangs: imports of big applications under lazy-apps are slow, not that slow. */
const START_DEADLINE_MS = 120_000;
/** A worker that was told to leave at once and does not. */
const STOP_DEADLINE_MS = 1000;
/** Its spawner tells how a worker ended; a worker whose channel closed is given up without that after so long. */
const EXIT_REPORT_MS = 500;

export class Crew {
  readonly #ports: CrewPorts;
  readonly #workers = new Set<Worker>();
  readonly #seats: Seats;
  #isPaused = false;

  /** @param seats of the whole server, of which others take some as well */
  constructor(seats: Seats, ports: CrewPorts) {
    this.#seats = seats;
    this.#ports = ports;
  }

  /** In the order of their birth. */
  get all(): readonly Worker[] {
    return [...this.#workers];
  }

  of(generation: Generation): readonly Worker[] {
    return this.all.filter((worker) => worker.generation === generation.number);
  }

  /** How many workers of so many threads would find room. */
  roomFor(threads: number): number {
    return this.#seats.roomFor(threads);
  }

  /** Nothing happens while every seat is taken by workers on their way out, of this pool or of others: it is asked again after one of their ends. */
  fork({ number, threads, spawner }: Generation, rank: number): void {
    const seat = this.#seats.take(threads);
    if (seat === undefined) return this.#seats.whenFree(this.#ports.seatFree);
    const id = this.#ports.idOf(rank);
    const worker = new Worker({ id, rank, seat, threads, generation: number, bornAt: this.#ports.now() });
    this.#workers.add(worker);
    this.#ports.seated(worker);
    this.#startDeadline(worker, START_DEADLINE_MS);
    spawner?.fork(seat, id);
  }

  /** Its process connected. */
  welcome(hello: Extract<Hello, { role: 'worker' }>, channel: ControlChannel): void {
    const worker = this.#at(hello.seat);
    if (worker === undefined || worker.channel !== undefined || worker.id !== hello.worker) return channel.close();
    worker.pid = hello.pid;
    worker.channel = channel;
    channel.onReport = (report) => this.#ports.heard(worker, report);
    channel.onEnd = () => this.#ports.after(EXIT_REPORT_MS, () => this.#end(worker, { how: 'vanished', status: 1 }));
    if (worker.state === 'stopping') channel.send({ type: 'stop' });
  }

  /** Its spawner tells of a worker. */
  hearOf(report: Extract<ControlReport, { type: 'forked' | 'exited' }>): void {
    const worker = this.#at(report.seat);
    if (worker === undefined) return;
    if (report.type === 'forked') worker.pid = report.pid;
    else if (worker.pid === report.pid) this.#end(worker, { how: describeExit(report), status: statusOf(report) });
  }

  /** Their spawner is gone and nobody will tell how they end. Those that never came up are forgotten; for the others their channel's end must do. */
  loseSpawnerOf(generation: Generation, status: number): void {
    for (const worker of this.of(generation))
      if (worker.channel === undefined) this.#end(worker, { how: 'was lost with its spawner', status });
  }

  happens(worker: Worker, event: Event): void {
    const { to, effects } = advance(worker.state, event);
    if (to !== worker.state) worker.deadline?.cancel();
    worker.state = to;
    worker.isDismissed ||= to === 'draining' || to === 'stopping';
    for (const effect of effects) this.#perform(worker, effect);
  }

  /** A request runs too long and does not let itself be interrupted: the stacks of the worker go to the log, and it takes no more requests. */
  condemn(worker: Worker): void {
    if (worker.isCondemned || worker.pid === undefined) return;
    worker.isCondemned = true;
    this.#ports.signal(worker.pid, 'SIGUSR2');
    this.happens(worker, 'retire');
  }

  /** A worker has become a danger to the others: it is killed with all that it runs. `reason` completes "worker 1 …". */
  kill(worker: Worker, reason: string): void {
    if (worker.state === 'killed') return;
    this.#ports.log.event(`${worker.label} ${reason}: killing it`);
    this.happens(worker, 'hang');
  }

  /** Workers take no requests, those included that are yet to come; what runs is finished. */
  pause(): void {
    this.#isPaused = true;
    this.tell({ type: 'pause' });
  }

  /** The end of a pause. */
  resume(): void {
    this.#isPaused = false;
    this.tell({ type: 'resume' });
  }

  /** The same word to all of them. */
  tell(command: ControlCommand): void {
    for (const worker of this.#workers) worker.channel?.send(command);
  }

  #at(seat: number): Worker | undefined {
    return this.all.find((worker) => worker.seat === seat);
  }

  #perform(worker: Worker, effect: Effect): void {
    switch (effect) {
      case 'send-serve':
        if (this.#isPaused) worker.channel?.send({ type: 'pause' });
        worker.channel?.send({ type: 'serve' });
        return this.#ports.log.event(`${worker.label} serving, ${worker.threads} ${worker.threads === 1 ? 'thread' : 'threads'}`);
      case 'send-retire':
        this.#ports.retiring(worker);
        return worker.channel?.send({ type: 'retire' });
      case 'send-stop':
        return worker.channel?.send({ type: 'stop' });
      case 'send-kill':
        if (worker.pid !== undefined) this.#ports.signal(worker.pid, 'SIGKILL');
        return;
      case 'start-deadline':
        return this.#startDeadline(worker, worker.state === 'stopping' ? STOP_DEADLINE_MS : this.#ports.mercyMs());
    }
  }

  #startDeadline(worker: Worker, milliseconds: number): void {
    worker.deadline = this.#ports.after(milliseconds, () => {
      this.#ports.log.event(`${worker.label} is still ${worker.state} after ${milliseconds / 1000} s: killing it`);
      this.happens(worker, 'deadline');
    });
  }

  #end(worker: Worker, ending: Omit<Ending, 'from'>): void {
    const from = worker.state;
    if (from === 'gone') return;
    this.happens(worker, 'exit');
    worker.channel?.close();
    this.#workers.delete(worker);
    this.#seats.free(worker);
    this.#ports.ended(worker, { from, ...ending });
  }
}

function statusOf({ status, signal }: Extract<ControlReport, { type: 'exited' }>): number {
  return status ?? 128 + (signal ?? 0);
}

function describeExit({ status, signal }: Extract<ControlReport, { type: 'exited' }>): string {
  return signal === null ? `ended with status ${status}` : `was killed by signal ${signal}`;
}
